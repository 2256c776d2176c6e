import { chownSync, statSync } from 'node:fs';
import path from 'node:path';
import type { ContainerSpec } from '../container-spec.ts';

/** Gives the log's directory to the container's user, who rotates the log in it. */
export function ownLogDirectory({ exec, log, user }: ContainerSpec): void {
  if (exec !== undefined || process.geteuid?.() !== 0) return;
  const directory = path.dirname(log.path);
  const { uid, gid } = statSync(directory);
  if (uid !== user.uid || gid !== user.gid) chownSync(directory, user.uid, user.gid);
}
