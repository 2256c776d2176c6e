import { PollInterest } from '../../system/poller.ts';
import type { System } from '../../system/system.ts';
import type { Readiness } from './readiness.ts';

/** Ready when a handle can be read or written without waiting, or has an error to give. */
export function handleReadiness(
  system: System,
  handle: number,
  direction: 'read' | 'write',
): Readiness {
  const interests = [new PollInterest(handle, direction)];
  return {
    ready: () => system.poller.wait(interests, 0n) !== 0,
    source: () => ({ kind: 'handle', handle, direction }),
  };
}
