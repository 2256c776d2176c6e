import { callResult } from './call-result.ts';
import { libc } from './library.ts';
import { place } from './struct-page.ts';

/** Numbers of the resources; the same on x86-64 and arm64. */
const rlimitResources = {
  cpuSeconds: 0,
  fileBytes: 1,
  data: 2,
  core: 4,
  processes: 6,
  openFiles: 7,
  lockedMemory: 8,
  messageQueues: 12,
  realtimePriority: 14,
} as const;
export type RlimitResource = keyof typeof rlimitResources;

/** Sets the soft and the hard limit. 0 or a negated errno. */
export function setResourceLimit(resource: RlimitResource, limit: number, hard = limit): number {
  const [pair] = place(new Uint8Array(BigUint64Array.of(BigInt(limit), BigInt(hard)).buffer));
  return callResult(libc.setrlimit(rlimitResources[resource], pair));
}
