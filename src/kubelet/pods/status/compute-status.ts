import type { PodContainer } from '../schema/container.ts';
import type { Pod } from '../schema/pod.ts';
import {
  type ContainerStatus,
  isEnd,
  type PodCondition,
  type PodPhase,
  type PodStatus,
} from '../schema/pod-status.ts';
import { containerStatuses } from './container-statuses.ts';
import type { PodObservation } from './observation.ts';
import { type ConditionValue, podConditions } from './pod-conditions.ts';
import { podPhase } from './pod-phase.ts';
import { qosClass } from './qos-class.ts';

/**
 * Computes a pod's status from the pod, what is observed of it and the status before. Pure: the
 * same arguments give the same status, and a status computed from itself does not change.
 *
 * @param previous the status before this one, whose transition times are kept; conditions of
 *   others are taken from `pod`, which is newer
 * @param now RFC 3339
 */
export function computeStatus(
  pod: Pod,
  observed: PodObservation,
  previous: PodStatus,
  now: string,
): PodStatus {
  const statuses = containerStatuses(pod, observed);
  const all = [...statuses.initContainerStatuses, ...statuses.containerStatuses];
  const phase = phaseOf(pod, observed, previous, all);
  const computed = podConditions(pod, observed, all, phase, pod.status.conditions);
  return {
    ...(pod.metadata.generation === undefined
      ? {}
      : { observedGeneration: pod.metadata.generation }),
    phase,
    ...failureOf(observed, previous, phase),
    conditions: [
      ...foreignConditions(pod, computed),
      ...computed.map((value) => dated(value, pod, previous, now)),
    ],
    ...addresses(observed),
    ...(observed.startTime === undefined ? {} : { startTime: observed.startTime }),
    ...(phase === 'Failed' && !all.some(hasStarted) ? noStatuses : statuses),
    ephemeralContainerStatuses: pod.spec.ephemeralContainers.map((container) =>
      refusedStatus(container, previous, now),
    ),
    qosClass: qosClass(pod),
  };
}

/** A pod that was refused has no containers; else kubectl would say that they are being created. */
const noStatuses = { initContainerStatuses: [], containerStatuses: [] };

function hasStarted({ state, lastState }: ContainerStatus): boolean {
  return state.waiting === undefined || lastState.terminated !== undefined;
}

/** Why a container for debugging never starts. */
export const cannotDebug = 'modules cannot be debugged from beside: use kubectl exec';

/** A container for debugging that cannot be: it has ended, so that kubectl does not wait for it. */
function refusedStatus(
  { name, image }: PodContainer,
  { ephemeralContainerStatuses: before }: PodStatus,
  now: string,
): ContainerStatus {
  const at = before.find((status) => status.name === name)?.state.terminated?.finishedAt ?? now;
  const end = { exitCode: 128, reason: 'ContainerCannotRun', message: cannotDebug };
  const terminated = { ...end, startedAt: at, finishedAt: at };
  return {
    name,
    image,
    imageID: '',
    ready: false,
    restartCount: 0,
    state: { terminated },
    lastState: {},
  };
}

/** A pod that has ended stays as it ended. */
function phaseOf(
  pod: Pod,
  observed: PodObservation,
  previous: PodStatus,
  statuses: readonly ContainerStatus[],
): PodPhase {
  const ended = [previous.phase, pod.status.phase].find(isEnd);
  if (ended !== undefined) return ended;
  const mayRun = observed.isStarting || isAnyRunning(statuses);
  if (observed.failure !== undefined && !mayRun) return 'Failed';
  return podPhase(pod, statuses, observed.isTerminal && !observed.isStarting);
}

function isAnyRunning(statuses: readonly ContainerStatus[]): boolean {
  return statuses.some(({ state }) => state.running !== undefined);
}

function failureOf(observed: PodObservation, previous: PodStatus, phase: PodPhase) {
  const { failure } = observed;
  if (failure !== undefined) return { reason: failure.reason, message: failure.message };
  if (previous.phase !== phase) return {};
  return {
    ...(previous.reason === undefined ? {} : { reason: previous.reason }),
    ...(previous.message === undefined ? {} : { message: previous.message }),
  };
}

function addresses({ hostIPs, podIPs }: PodObservation) {
  const [hostIP] = hostIPs;
  const [podIP] = podIPs;
  return {
    ...(hostIP === undefined ? {} : { hostIP }),
    hostIPs: hostIPs.map((ip) => ({ ip })),
    ...(podIP === undefined ? {} : { podIP }),
    podIPs: podIPs.map((ip) => ({ ip })),
  };
}

/** Conditions that controllers and users set are not ours to drop. */
function foreignConditions(pod: Pod, own: readonly ConditionValue[]): readonly PodCondition[] {
  return pod.status.conditions.filter(({ type }) => own.every((value) => value.type !== type));
}

function dated(value: ConditionValue, pod: Pod, previous: PodStatus, now: string): PodCondition {
  const before =
    previous.conditions.find(({ type }) => type === value.type) ??
    pod.status.conditions.find(({ type }) => type === value.type);
  const since = before?.status === value.status ? before.lastTransitionTime : undefined;
  return {
    ...value,
    ...(pod.metadata.generation === undefined
      ? {}
      : { observedGeneration: pod.metadata.generation }),
    lastTransitionTime: since ?? now,
  };
}
