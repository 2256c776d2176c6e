import type { EvictionSignal } from './eviction-signals.ts';

/** A pod as the choice sees it. */
export interface Candidate {
  readonly priority: number;
  /** Bytes in use of what runs short, and bytes that were requested of it. */
  readonly usedBytes: number;
  readonly requestedBytes: number;
}

/** From this priority on a pod is critical to the node or the cluster, and stays. */
const criticalPriority = 2_000_000_000;

/**
 * Chooses the pod to evict as stock kubelets do: first those that use more than they requested,
 * then those of lower priority, then those that exceed their request by more.
 *
 * @see https://kubernetes.io/docs/concepts/scheduling-eviction/node-pressure-eviction/#pod-selection-for-kubelet-eviction
 */
export function chooseVictim<Pod extends Candidate>(
  pods: readonly Pod[],
  signal: EvictionSignal,
): Pod | undefined {
  const excess = ({ usedBytes, requestedBytes }: Pod) =>
    // Process ids are not requested: there priority alone decides.
    signal === 'pid.available' ? 0 : usedBytes - requestedBytes;
  const [first] = pods
    .filter(({ priority }) => priority < criticalPriority)
    .sort(
      (one, other) =>
        Number(excess(other) > 0) - Number(excess(one) > 0) ||
        one.priority - other.priority ||
        excess(other) - excess(one),
    );
  return first;
}
