import path from 'node:path';
import { changeOwner } from '../../wasi/libc/plain-file.ts';
import type { ContainerSpec } from '../container-spec.ts';
import { must } from '../sandbox/sandbox-error.ts';

/** Gives the log's directory to the container's user, who rotates the log in it. */
export function ownLogDirectory({ exec, log, user }: ContainerSpec): void {
  if (exec !== undefined || process.geteuid?.() !== 0) return;
  must('own the log', changeOwner(path.dirname(log.path), user.uid, user.gid));
}
