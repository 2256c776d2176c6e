import type { State, StateOptions } from '../../../krator/states/state.ts';
import { endPod } from '../end-pod.ts';
import type { PodContext } from '../pod-context.ts';

/** The pod failed for good: what still runs is ended, and the pod stays until it is deleted. */
export class Failed implements State<PodContext> {
  readonly name = 'Failed';

  async next(context: PodContext, { signal }: StateOptions): Promise<undefined> {
    await endPod(context, signal);
  }
}
