import type { State, StateOptions } from '../../../krator/states/state.ts';
import { backOffPulling, type FailedPull } from '../../containers/back-off-pulling.ts';
import type { PodContext } from '../pod-context.ts';
import { ImagePull } from './image-pull.ts';

/** An image could not be pulled; it is tried again, later with every failure. */
export class ImagePullBackOff implements State<PodContext> {
  readonly name = 'ImagePullBackOff';
  readonly #failed: readonly FailedPull[];

  constructor(failed: readonly FailedPull[]) {
    this.#failed = failed;
  }

  async next(context: PodContext, { signal }: StateOptions): Promise<ImagePull> {
    const delay = Math.min(...this.#failed.map(({ life }) => life.pullFailures.next()));
    await backOffPulling(this.#failed, delay, context.working(signal));
    return new ImagePull();
  }
}
