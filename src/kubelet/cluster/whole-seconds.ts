import type { PodStatus } from '../pods/schema/pod-status.ts';

const times = ['startTime', 'lastTransitionTime', 'lastProbeTime', 'startedAt', 'finishedAt'];

/**
 * The status with its times in whole seconds, as API servers keep them: what was written then
 * reads back as it was written.
 */
export function inWholeSeconds(status: PodStatus): PodStatus {
  const text = JSON.stringify(status, (key, value: unknown) =>
    typeof value === 'string' && times.includes(key) ? value.replace(/\.\d+Z$/, 'Z') : value,
  );
  // Only strings have changed, and they are times still.
  return JSON.parse(text) as PodStatus;
}
