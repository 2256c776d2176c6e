import { quantityNanos } from '../quantity.ts';
import type { PodContainer } from '../schema/container.ts';
import type { Pod } from '../schema/pod.ts';

export type QosClass = 'Guaranteed' | 'Burstable' | 'BestEffort';

const counted = ['cpu', 'memory'] as const;

/**
 * The quality-of-service class of a pod: Guaranteed where every container's requests for CPU and
 * memory equal its limits, BestEffort where there are none, else Burstable.
 */
export function qosClass({ spec }: Pod): QosClass {
  const parts = spec.resources ? [spec.resources] : resourcesOf(spec);
  const isAnySet = parts.some(({ limits, requests }) =>
    counted.some((name) => isSet(limits[name]) || isSet(requests[name])),
  );
  if (!isAnySet) return 'BestEffort';
  const isGuaranteed = parts.every(({ limits, requests }) =>
    counted.every((name) => isSet(limits[name]) && isSame(limits[name], requests[name])),
  );
  return isGuaranteed ? 'Guaranteed' : 'Burstable';
}

function resourcesOf({ initContainers, containers }: Pod['spec']): PodContainer['resources'][] {
  return [...initContainers, ...containers].map(({ resources }) => resources);
}

function isSet(quantity: string | undefined): boolean {
  return quantity !== undefined && quantityNanos(quantity) !== 0n;
}

/** A request that is not set is the limit. */
function isSame(limit: string | undefined, request: string | undefined): boolean {
  if (limit === undefined) return false;
  return request === undefined || quantityNanos(limit) === quantityNanos(request);
}
