import type { State, StateOptions } from '../../../krator/states/state.ts';
import type { ContainerLife } from '../container-life.ts';
import { ContainerWaiting } from './container-waiting.ts';

/** The container ended too soon after it was last started again: it has to wait. */
export class CrashLoopBackOff implements State<ContainerLife> {
  readonly name = 'CrashLoopBackOff';
  readonly #delay: number;
  readonly #left: number;

  /** @param delay the whole wait in milliseconds; `left` is what remains of it */
  constructor(delay: number, left: number) {
    this.#delay = delay;
    this.#left = left;
  }

  async next(life: ContainerLife, { signal }: StateOptions): Promise<ContainerWaiting> {
    const { name, namespace, uid } = life.pod.manifest.current.metadata;
    const what = `failed container=${life.name} pod=${name}_${namespace}(${uid})`;
    life.record.wait('CrashLoopBackOff', `back-off ${inWords(this.#delay)} restarting ${what}`);
    life.event('Warning', 'BackOff', `Back-off restarting ${what.replaceAll('=', ' ')}`);
    await life.pod.components.clock.sleep(this.#left, { signal });
    return new ContainerWaiting();
  }
}

/** Milliseconds as Go prints a duration: `10s`, `1m20s`, `5m0s`. */
function inWords(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`;
}
