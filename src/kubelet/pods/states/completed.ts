import type { State, StateOptions } from '../../../krator/states/state.ts';
import { endPod } from '../end-pod.ts';
import type { PodContext } from '../pod-context.ts';

/** Every container did its work: sidecars are ended, and the pod stays until it is deleted. */
export class Completed implements State<PodContext> {
  readonly name = 'Completed';

  async next(context: PodContext, { signal }: StateOptions): Promise<undefined> {
    await endPod(context, signal);
  }
}
