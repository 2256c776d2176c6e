import type { State, StateOptions } from '../../../krator/states/state.ts';
import { messageOf } from '../../../kubernetes/message-of.ts';
import type { PodContext } from '../pod-context.ts';

const delay = 5_000;

/** Something went wrong that no state knows of, such as a full disk; the state is tried again. */
export class FailedSync implements State<PodContext> {
  readonly name = 'FailedSync';
  readonly #error: unknown;
  readonly #state: State<PodContext>;

  constructor(error: unknown, state: State<PodContext>) {
    this.#error = error;
    this.#state = state;
  }

  async next(context: PodContext, { signal }: StateOptions): Promise<State<PodContext>> {
    const message = messageOf(this.#error);
    context.event('Warning', 'FailedSync', `error in state ${this.#state.name}: ${message}`);
    await context.components.clock.sleep(delay, { signal });
    return this.#state;
  }
}
