import type { State, StateOptions } from '../../../krator/states/state.ts';
import { abortable } from '../../abortable.ts';
import type { PodContext } from '../pod-context.ts';
import { Completed } from './completed.ts';
import { Failed } from './failed.ts';
import { watchEmptyDirs } from './watch-empty-dirs.ts';

/** The pod runs until its containers are done for good. */
export class Running implements State<PodContext> {
  readonly name = 'Running';
  readonly #runs: readonly Promise<void>[];

  /** @param runs resolve when the containers are done */
  constructor(runs: readonly Promise<void>[]) {
    this.#runs = runs;
  }

  async next(context: PodContext, { signal }: StateOptions): Promise<Completed | Failed> {
    const inner = context.working(signal);
    context.runBeside(watchEmptyDirs(context, inner));
    await abortable(Promise.all(this.#runs), inner);
    inner.throwIfAborted();
    return succeeded(context) ? new Completed() : new Failed();
  }
}

function succeeded({ manifest, containers }: PodContext): boolean {
  return manifest.current.spec.containers.every(
    ({ name }) => containers.get(name)?.record.observation.state.terminated?.exitCode === 0,
  );
}
