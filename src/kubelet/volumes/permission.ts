import type { Stats } from 'node:fs';
import type { ContainerUser } from '../provider.ts';

const bits = { read: 0o4, enter: 0o1 } as const;

/** Whether the mode of a file lets a user read it, or enter it where it is a directory. */
export function isPermitted(
  { mode, uid, gid }: Pick<Stats, 'mode' | 'uid' | 'gid'>,
  user: ContainerUser,
  action: keyof typeof bits,
): boolean {
  if (user.uid === 0) return true;
  const isOfGroup = gid === user.gid || user.groups.includes(gid);
  const shift = uid === user.uid ? 6 : isOfGroup ? 3 : 0;
  return ((mode >> shift) & bits[action]) !== 0;
}
