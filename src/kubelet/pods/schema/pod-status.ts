import * as v from 'valibot';
import { resourceRequirements } from './container.ts';
import { flag, integer, listOf, maybe, resourceList, time } from './scalars.ts';

const waiting = v.object({ reason: maybe(v.string()), message: maybe(v.string()) });
const running = v.object({ startedAt: maybe(time) });
const terminated = v.object({
  exitCode: integer,
  signal: maybe(integer),
  reason: maybe(v.string()),
  message: maybe(v.string()),
  startedAt: maybe(time),
  finishedAt: maybe(time),
  containerID: maybe(v.string()),
});

const containerState = v.object({
  waiting: maybe(waiting),
  running: maybe(running),
  terminated: maybe(terminated),
});
export type ContainerState = v.InferOutput<typeof containerState>;

/** core/v1 ContainerStatus, the fields this node writes. */
const containerStatus = v.object({
  name: v.string(),
  state: v.optional(containerState, {}),
  lastState: v.optional(containerState, {}),
  ready: flag,
  restartCount: v.optional(integer, 0),
  image: v.optional(v.string(), ''),
  imageID: v.optional(v.string(), ''),
  containerID: maybe(v.string()),
  started: maybe(v.boolean()),
  allocatedResources: maybe(resourceList),
  resources: maybe(resourceRequirements),
  user: maybe(
    v.object({
      linux: maybe(v.object({ uid: integer, gid: integer, supplementalGroups: listOf(integer) })),
    }),
  ),
});
export type ContainerStatus = v.InferOutput<typeof containerStatus>;

const condition = v.object({
  type: v.string(),
  status: v.string(),
  observedGeneration: maybe(integer),
  lastProbeTime: maybe(time),
  lastTransitionTime: maybe(time),
  reason: maybe(v.string()),
  message: maybe(v.string()),
});
export type PodCondition = v.InferOutput<typeof condition>;

const podPhases = ['Pending', 'Running', 'Succeeded', 'Failed', 'Unknown'] as const;
export type PodPhase = (typeof podPhases)[number];

const address = v.object({ ip: v.string() });

/** core/v1 PodStatus, the fields this node reads and writes. */
export const podStatus = v.object({
  observedGeneration: maybe(integer),
  phase: maybe(v.picklist(podPhases)),
  conditions: listOf(condition),
  message: maybe(v.string()),
  reason: maybe(v.string()),
  hostIP: maybe(v.string()),
  hostIPs: listOf(address),
  podIP: maybe(v.string()),
  podIPs: listOf(address),
  startTime: maybe(time),
  initContainerStatuses: listOf(containerStatus),
  containerStatuses: listOf(containerStatus),
  ephemeralContainerStatuses: listOf(containerStatus),
  qosClass: maybe(v.picklist(['Guaranteed', 'Burstable', 'BestEffort'])),
});
export type PodStatus = v.InferOutput<typeof podStatus>;

/** Whether nothing of a pod in this phase runs any more, and nothing will. */
export function isEnd(phase: string | undefined): phase is 'Succeeded' | 'Failed' {
  return phase === 'Succeeded' || phase === 'Failed';
}
