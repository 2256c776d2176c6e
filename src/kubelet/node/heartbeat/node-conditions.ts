import type { NodeCondition } from '../../../kubernetes/resources/node.ts';
import type { PressureType } from '../../eviction/eviction-thresholds.ts';

/** What the conditions are made from. */
export interface NodeHealth {
  readonly pressures: ReadonlySet<PressureType>;
  /** Why the node cannot run pods now; absent where it can. */
  readonly trouble?: string | undefined;
  /** Whether the node is about to stop. */
  readonly isShuttingDown: boolean;
}

/** Reason and message of each pressure, where it is there and where it is not. */
const pressureTexts: Readonly<Record<PressureType, readonly [Text, Text]>> = {
  MemoryPressure: [
    ['KubeletHasInsufficientMemory', 'kubelet has insufficient memory available'],
    ['KubeletHasSufficientMemory', 'kubelet has sufficient memory available'],
  ],
  DiskPressure: [
    ['KubeletHasDiskPressure', 'kubelet has disk pressure'],
    ['KubeletHasNoDiskPressure', 'kubelet has no disk pressure'],
  ],
  PIDPressure: [
    ['KubeletHasInsufficientPID', 'kubelet has insufficient PID available'],
    ['KubeletHasSufficientPID', 'kubelet has sufficient PID available'],
  ],
};
type Text = readonly [reason: string, message: string];
const pressureTypes = ['MemoryPressure', 'DiskPressure', 'PIDPressure'] as const;

/** The conditions of now; one whose status is as before keeps the time of its last transition. */
export function nodeConditions(
  health: NodeHealth,
  previous: readonly NodeCondition[],
  now: string,
): readonly NodeCondition[] {
  const current = [...pressureTypes.map((type) => pressureCondition(type, health)), ready(health)];
  return current.map((condition) => {
    const before = previous.find(({ type }) => type === condition.type);
    const isSame = before?.status === condition.status;
    const lastTransitionTime = isSame ? (before.lastTransitionTime ?? now) : now;
    return { ...condition, lastHeartbeatTime: now, lastTransitionTime };
  });
}

function pressureCondition(type: PressureType, { pressures }: NodeHealth): NodeCondition {
  const isThere = pressures.has(type);
  const [reason, message] = pressureTexts[type][isThere ? 0 : 1];
  return { type, status: isThere ? 'True' : 'False', reason, message };
}

function ready({ trouble, isShuttingDown }: NodeHealth): NodeCondition {
  const notReady = { type: 'Ready', status: 'False', reason: 'KubeletNotReady' } as const;
  if (isShuttingDown) return { ...notReady, message: 'node is shutting down' };
  if (trouble !== undefined) return { ...notReady, message: trouble };
  const message = 'kubelet is posting ready status';
  return { type: 'Ready', status: 'True', reason: 'KubeletReady', message };
}
