import { GuestTrap } from '../abi/guest-trap.ts';
import { uncatchable } from '../abi/uncatchable.ts';
import type { Waits } from '../async/waits.ts';
import type { Readiness } from '../io/readiness.ts';

interface RunningComponents {
  readonly waits: Waits;
  /** Told once, with what was thrown, that nothing must be called or waited for any more. */
  readonly onFailure: (cause: unknown) => void;
}

/** What goes on between the components of one program. */
export class Running {
  #failure: { readonly cause: unknown } | undefined;
  readonly #waits: Waits;
  readonly #onFailure: (cause: unknown) => void;
  #wakes: (() => void)[] = [];

  /** Ready when no component has a task of another's any more. */
  readonly quiet: Readiness = {
    ready: () => this.isQuiet,
    source: () => ({
      kind: 'event',
      happened: new Promise<void>((resolve) => this.#wakes.push(resolve)),
    }),
  };

  constructor({ waits, onFailure }: RunningComponents) {
    this.#waits = waits;
    this.#onFailure = onFailure;
  }

  /** Whether a component was left in the middle, so that nothing must be called any more. */
  get hasFailed(): boolean {
    return this.#failure !== undefined;
  }

  get isQuiet(): boolean {
    return this.#waits.inside === 0;
  }

  mustBeSound(): void {
    if (this.#failure === undefined) return;
    const { cause } = this.#failure;
    throw new GuestTrap('Cannot enter the component: one of them has failed', { cause });
  }

  /** Throws what went wrong in a component that was called just now. */
  mustGoOn(): void {
    if (this.#failure !== undefined) this.fail(this.#failure.cause);
  }

  /** Does what must not fail. */
  must<T>(act: () => T): T {
    try {
      return act();
    } catch (thrown) {
      return this.fail(thrown);
    }
  }

  fail(thrown: unknown): never {
    throw this.stop(thrown);
  }

  /** Ends what all wait for, as nothing can be relied on any more. @returns what guests cannot catch */
  stop(thrown: unknown): unknown {
    const cause = uncatchable(thrown);
    if (this.#failure === undefined) {
      this.#failure = { cause };
      this.#onFailure(cause);
    }
    return cause;
  }

  begin(): void {
    this.#waits.begin();
  }

  end(): void {
    this.#waits.end();
    if (!this.isQuiet) return;
    const wakes = this.#wakes;
    this.#wakes = [];
    for (const wake of wakes) wake();
  }
}
