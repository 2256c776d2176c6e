import type { State } from '../../../krator/states/state.ts';
import type { ContainerLife } from '../container-life.ts';
import { shouldRestart } from '../restart-policy.ts';
import { ContainerWaiting } from './container-waiting.ts';
import { CrashLoopBackOff } from './crash-loop-back-off.ts';

/** The container ended; its restart policy says whether it is started again, and when. */
export class ContainerTerminated implements State<ContainerLife> {
  readonly name = 'Terminated';
  readonly #exitCode: number;
  readonly #finishedAt: number;

  /** @param finishedAt in milliseconds since the epoch */
  constructor(exitCode: number, finishedAt: number) {
    this.#exitCode = exitCode;
    this.#finishedAt = finishedAt;
  }

  async next(life: ContainerLife): Promise<ContainerWaiting | CrashLoopBackOff | undefined> {
    await life.forgetOldStarts();
    const pod = life.pod.manifest.current;
    if (life.pod.isTerminal || !shouldRestart(pod, life.spec, this.#exitCode)) return undefined;
    const now = life.pod.components.clock.now();
    const finishedAt = Number.isNaN(this.#finishedAt) ? now : this.#finishedAt;
    const delay = life.crashes.next(finishedAt);
    // A clock that was set back since makes nobody wait longer.
    const left = Math.min(finishedAt + delay - now, delay);
    return left > 0 ? new CrashLoopBackOff(delay, left) : new ContainerWaiting();
  }
}
