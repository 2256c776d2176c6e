import { shouldRestart } from '../../containers/restart-policy.ts';
import type { PodContainer } from '../schema/container.ts';
import type { Pod } from '../schema/pod.ts';
import type { ContainerStatus, PodPhase } from '../schema/pod-status.ts';

/** What a container counts as when the phase of its pod is made. */
type Standing =
  | 'waiting'
  | 'running'
  /** Ended and to be started again. */
  | 'restarting'
  | 'succeeded'
  | 'failed';

/**
 * The phase that follows from a pod's containers, as stock kubelets compute it: Pending until
 * every container has been started once, Running while any may still run, then Succeeded or Failed.
 *
 * @param isTerminal whether no container is started again, whatever its restart policy says
 */
export function podPhase(
  pod: Pod,
  statuses: readonly ContainerStatus[],
  isTerminal: boolean,
): PodPhase {
  const standing = (container: PodContainer): Standing =>
    standingOf(pod, container, statusOf(container, statuses), isTerminal);
  const sidecars = pod.spec.initContainers.filter(isSidecar);
  const initial = pod.spec.initContainers.filter((item) => !isSidecar(item)).map(standing);
  const main = pod.spec.containers.map(standing);

  const all = [...initial, ...sidecars.map(standing), ...main];
  if (isTerminal && !all.includes('running')) return ended(main);
  if (initial.includes('failed')) return 'Failed';
  if (initial.some((item) => item === 'waiting' || item === 'running')) return 'Pending';
  const hasInitialized = main.some((item) => item !== 'waiting');
  if (!hasInitialized && sidecars.some((item) => !hasStarted(item, statuses))) return 'Pending';
  if (initial.includes('restarting') && !hasInitialized) return 'Pending';
  if (main.includes('waiting')) return 'Pending';
  if (all.includes('running') || main.includes('restarting')) return 'Running';
  return ended(main);
}

/** A container that never ran did not succeed. */
function ended(main: readonly Standing[]): PodPhase {
  return main.every((item) => item === 'succeeded') ? 'Succeeded' : 'Failed';
}

function isSidecar(container: PodContainer): boolean {
  return container.restartPolicy === 'Always';
}

function statusOf(container: PodContainer, statuses: readonly ContainerStatus[]) {
  return statuses.find(({ name }) => name === container.name);
}

function hasStarted(container: PodContainer, statuses: readonly ContainerStatus[]): boolean {
  return statusOf(container, statuses)?.started === true;
}

function standingOf(
  pod: Pod,
  container: PodContainer,
  status: ContainerStatus | undefined,
  isTerminal: boolean,
): Standing {
  if (status?.state.running !== undefined) return 'running';
  const last = status?.state.terminated ?? status?.lastState.terminated;
  if (last === undefined) return 'waiting';
  if (!isTerminal && shouldRestart(pod, container, last.exitCode)) return 'restarting';
  return last.exitCode === 0 ? 'succeeded' : 'failed';
}
