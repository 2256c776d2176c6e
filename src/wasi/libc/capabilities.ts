import { callResult } from './call-result.ts';
import { libc } from './library.ts';
import { place } from './struct-page.ts';

const prCapBoundingSetRead = 23;
const prCapBoundingSetDrop = 24;
const prCapAmbient = 47;
const ambientClearAll = 4n;
const version3 = 0x2008_0522;
const einval = 22;

/** Numbers of the capabilities that are ever kept for a while. */
export const capabilities = { dacOverride: 1, setgid: 6, setuid: 7 } as const;

/** Whether the thread holds a capability in its bounding set; the first unknown one ends the list. */
function inBoundingSet(capability: number): number {
  return callResult(libc.prctl(prCapBoundingSetRead, BigInt(capability), 0n, 0n, 0n));
}

/**
 * Drops every capability but `kept` from the bounding set, and with it the way to regain one by executing
 * a file. Needs CAP_SETPCAP: call it before the user id changes, which would lose that.
 *
 * @returns 0 or a negated errno
 */
export function dropBoundingSet(kept: readonly number[] = []): number {
  for (let capability = 0; capability < 64; capability++) {
    const held = inBoundingSet(capability);
    if (held === -einval) return 0;
    if (held !== 1 || kept.includes(capability)) continue;
    const result = callResult(libc.prctl(prCapBoundingSetDrop, BigInt(capability), 0n, 0n, 0n));
    if (result < 0) return result;
  }
  return 0;
}

/** Empties the thread's permitted, effective, inheritable and ambient sets. 0 or a negated errno. */
export function dropCapabilities(): number {
  const ambient = callResult(libc.prctl(prCapAmbient, ambientClearAll, 0n, 0n, 0n));
  if (ambient < 0) return ambient;
  const header = new Uint8Array(Uint32Array.of(version3, 0).buffer);
  const sets = new Uint8Array(24);
  return callResult(libc.capset(...place(header, sets)));
}
