import { callResult } from './call-result.ts';
import { libc } from './library.ts';
import { place } from './struct-page.ts';

/* Each function answers 0 or a negated errno. */

/** Sets the supplementary groups; needs CAP_SETGID even to set what is set already. */
export function setSupplementaryGroups(groups: readonly number[]): number {
  const [list] = place(new Uint8Array(Uint32Array.from(groups).buffer));
  return callResult(libc.setgroups(BigInt(groups.length), list));
}

/** Sets the real, effective and saved group id. */
export function setGroupId(gid: number): number {
  return callResult(libc.setresgid(gid, gid, gid));
}

/** Sets the real, effective and saved user id; there is no way back. */
export function setUserId(uid: number): number {
  return callResult(libc.setresuid(uid, uid, uid));
}
