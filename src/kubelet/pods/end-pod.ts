import { abortable } from '../abortable.ts';
import type { PodContext } from './pod-context.ts';
import { stopContainers } from './stop-containers.ts';

/** Ends what still runs of a pod that is done, and gives back what it needed to run. */
export async function endPod(context: PodContext, signal: AbortSignal): Promise<void> {
  const pod = context.manifest.current;
  const grace = pod.spec.terminationGracePeriodSeconds;
  context.finish();
  await abortable(stopContainers(context, grace), signal);
  context.setReadyToStartContainers(false);
  await context.volumes.takeBack();
  await context.release();
}
