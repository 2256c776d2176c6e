import { UserError } from '../cli/user-error.ts';

export interface User {
  readonly uid: number;
  readonly gid: number;
}

/** Reads `--user`: `UID` or `UID:GID`; the group is the user's number where none is given. */
export function parseUser(text: string): User {
  const match = /^(\d+)(?::(\d+))?$/.exec(text);
  const uid = Number(match?.[1]);
  const gid = Number(match?.[2] ?? uid);
  if (match === null || uid > 0xffff_fffe || gid > 0xffff_fffe) {
    throw new UserError(`reading --user '${text}' failed: give UID or UID:GID as numbers`);
  }
  return { uid, gid };
}
