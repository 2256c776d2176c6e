import type { PodContainer } from '../schema/container.ts';
import type { Pod } from '../schema/pod.ts';
import type { ContainerStatus } from '../schema/pod-status.ts';
import type { ContainerObservation, PodObservation } from './observation.ts';

/** A container nobody has looked at yet. */
export const unobserved: ContainerObservation = {
  state: {},
  lastState: {},
  restartCount: 0,
  started: false,
  ready: false,
};

/** Statuses of a pod's init containers and containers, in the order of its spec. */
export function containerStatuses(pod: Pod, observed: PodObservation) {
  return {
    initContainerStatuses: pod.spec.initContainers.map((item) => initStatus(pod, item, observed)),
    containerStatuses: pod.spec.containers.map((item) => statusOf(pod, item, observed)),
  };
}

function statusOf(pod: Pod, container: PodContainer, observed: PodObservation): ContainerStatus {
  const found = observed.containers.get(container.name) ?? unobserved;
  const isRunning = found.state.running !== undefined;
  return {
    name: container.name,
    state: stateOf(pod, found),
    lastState: found.lastState,
    ready: isRunning && found.started && found.ready,
    started: isRunning && found.started,
    restartCount: found.restartCount,
    image: container.image,
    imageID: found.imageID ?? '',
    ...(found.containerID === undefined ? {} : { containerID: found.containerID }),
  };
}

/** An init container is ready once it has done its work; a sidecar as any other container. */
function initStatus(pod: Pod, container: PodContainer, observed: PodObservation): ContainerStatus {
  const status = statusOf(pod, container, observed);
  if (container.restartPolicy === 'Always') return status;
  return { ...status, ready: status.state.terminated?.exitCode === 0 };
}

function stateOf(pod: Pod, { state }: ContainerObservation): ContainerStatus['state'] {
  if (Object.keys(state).length > 0) return state;
  const reason = pod.spec.initContainers.length > 0 ? 'PodInitializing' : 'ContainerCreating';
  return { waiting: { reason } };
}
