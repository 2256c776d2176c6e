import type { PodContainer } from '../schema/container.ts';
import type { Pod } from '../schema/pod.ts';
import type { ContainerStatus, PodCondition, PodPhase } from '../schema/pod-status.ts';
import type { PodObservation } from './observation.ts';

/** The part of a condition that is computed; times and generation are added when it is compared. */
export type ConditionValue = Pick<PodCondition, 'type' | 'status' | 'reason' | 'message'>;

/**
 * The conditions this node owns, in the order stock kubelets write them.
 *
 * @param current the pod's conditions now, among them those its readiness gates name
 */
export function podConditions(
  pod: Pod,
  observed: PodObservation,
  statuses: readonly ContainerStatus[],
  phase: PodPhase,
  current: readonly PodCondition[],
): readonly ConditionValue[] {
  const containersReady = ofContainersReady(pod, statuses, phase);
  return [
    observed.isReadyToStartContainers
      ? yes('PodReadyToStartContainers')
      : no('PodReadyToStartContainers'),
    ofInitialized(pod, statuses, phase),
    ofReady(pod, containersReady, current),
    containersReady,
    yes('PodScheduled'),
    ...ofDisruption(observed),
  ];
}

/** Stays once it is there, as conditions do that nobody computes any more. */
function ofDisruption({ failure }: PodObservation): readonly ConditionValue[] {
  if (failure?.isDisruption !== true) return [];
  const { message } = failure;
  return [{ ...yes('DisruptionTarget'), reason: 'TerminationByKubelet', message }];
}

function ofInitialized(
  pod: Pod,
  statuses: readonly ContainerStatus[],
  phase: PodPhase,
): ConditionValue {
  if (phase === 'Succeeded') return { ...yes('Initialized'), reason: 'PodCompleted' };
  const hasStarted = pod.spec.containers.some(
    ({ name }) => statusOf(name, statuses)?.started || hasEverRun(statusOf(name, statuses)),
  );
  const incomplete = pod.spec.initContainers.filter((item) => !isInitialized(item, statuses));
  if (hasStarted || incomplete.length === 0) return yes('Initialized');
  const message = `containers with incomplete status: [${namesOf(incomplete)}]`;
  return no('Initialized', 'ContainersNotInitialized', message);
}

function ofContainersReady(
  pod: Pod,
  statuses: readonly ContainerStatus[],
  phase: PodPhase,
): ConditionValue {
  if (phase === 'Succeeded') return no('ContainersReady', 'PodCompleted');
  if (phase === 'Failed') return no('ContainersReady', 'PodFailed');
  const serving = [...pod.spec.initContainers.filter(isSidecar), ...pod.spec.containers];
  const unready = serving.filter(({ name }) => statusOf(name, statuses)?.ready !== true);
  if (unready.length === 0) return yes('ContainersReady');
  const message = `containers with unready status: [${namesOf(unready)}]`;
  return no('ContainersReady', 'ContainersNotReady', message);
}

function ofReady(
  pod: Pod,
  containersReady: ConditionValue,
  current: readonly PodCondition[],
): ConditionValue {
  if (containersReady.status !== 'True') return { ...containersReady, type: 'Ready' };
  const closed = pod.spec.readinessGates.flatMap(({ conditionType }) => {
    const found = current.find(({ type }) => type === conditionType);
    if (found?.status === 'True') return [];
    return found === undefined
      ? [`corresponding condition of pod readiness gate "${conditionType}" does not exist.`]
      : [`the status of pod readiness gate "${conditionType}" is not "True", but ${found.status}`];
  });
  return closed.length === 0
    ? yes('Ready')
    : no('Ready', 'ReadinessGatesNotReady', closed.join(', '));
}

function isInitialized(container: PodContainer, statuses: readonly ContainerStatus[]): boolean {
  const status = statusOf(container.name, statuses);
  return (isSidecar(container) ? status?.started : status?.ready) === true;
}

function hasEverRun(status: ContainerStatus | undefined): boolean {
  return (
    status?.state.running !== undefined ||
    status?.state.terminated !== undefined ||
    status?.lastState.terminated !== undefined
  );
}

function isSidecar(container: PodContainer): boolean {
  return container.restartPolicy === 'Always';
}

function statusOf(name: string, statuses: readonly ContainerStatus[]) {
  return statuses.find((status) => status.name === name);
}

function namesOf(containers: readonly PodContainer[]): string {
  return containers.map(({ name }) => name).join(' ');
}

function yes(type: string): ConditionValue {
  return { type, status: 'True' };
}

function no(type: string, reason?: string, message?: string): ConditionValue {
  return {
    type,
    status: 'False',
    ...(reason === undefined ? {} : { reason }),
    ...(message === undefined ? {} : { message }),
  };
}
