import type { PodStatus } from '../pods/schema/pod-status.ts';

/** Of times by their field. Text that looks like one is none: its quotes are escaped. */
const fractions =
  /("(?:startTime|lastTransitionTime|lastProbeTime|startedAt|finishedAt)":"[^"]*)\.\d+Z"/g;

/**
 * The status with its times in whole seconds, as API servers keep them: what was written then
 * reads back as it was written.
 */
export function inWholeSeconds(status: PodStatus): PodStatus {
  const text = JSON.stringify(status).replace(fractions, '$1Z"');
  // Only strings have changed, and they are times still.
  return JSON.parse(text) as PodStatus;
}
