import type { Pod } from '../pods/schema/pod.ts';
import type { ContainerStatus } from '../pods/schema/pod-status.ts';

const problemReasons: readonly string[] = [
  'ErrImagePull',
  'ErrImageNeverPull',
  'InvalidImageName',
  'ImageInspectError',
  'RegistryUnavailable',
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
  'StartError',
];

/**
 * Says in one line why a pod cannot run, where whoever started it by hand would rather know now
 * than have it tried again.
 */
export function podProblem(pod: Pod): string | undefined {
  const { status } = pod;
  if (status.phase === 'Failed' && status.message !== undefined) return status.message;
  const all = [...status.initContainerStatuses, ...status.containerStatuses];
  return all.map(containerProblem).find((problem) => problem !== undefined);
}

function containerProblem({ name, state }: ContainerStatus): string | undefined {
  const { reason = '', message = '' } = state.waiting ?? state.terminated ?? {};
  return problemReasons.includes(reason) ? `container "${name}": ${reason}: ${message}` : undefined;
}
