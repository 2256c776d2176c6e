import type { State, StateOptions } from '../../../krator/states/state.ts';
import { goDuration } from '../../pods/status/go-duration.ts';
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
    const pod = `${name}_${namespace}(${uid})`;
    const what = `restarting failed container=${life.name} pod=${pod}`;
    life.record.wait('CrashLoopBackOff', `back-off ${goDuration(this.#delay)} ${what}`);
    const message = `Back-off restarting failed container ${life.name} in pod ${pod}`;
    life.event('Warning', 'BackOff', message);
    await life.pod.components.clock.sleep(this.#left, { signal });
    return new ContainerWaiting();
  }
}
