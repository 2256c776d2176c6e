import { dropBoundingSet, dropCapabilities } from '../../wasi/libc/capabilities.ts';
import { setGroupId, setSupplementaryGroups, setUserId } from '../../wasi/libc/credentials.ts';
import type { UserSpec } from '../container-spec.ts';
import { must, SandboxError } from './sandbox-error.ts';

const eperm = 1;

/**
 * Drops the bounding set, but for `kept`, where the process may. Where it may not, it lacks CAP_SETPCAP, and
 * no_new_privs alone keeps it from gaining anything by executing a file.
 */
export function dropCapabilityBound(kept: readonly number[] = []): void {
  const result = dropBoundingSet(kept);
  if (result !== -eperm) must('drop the capability bounding set', result);
}

/**
 * Becomes the container's user. A process without the right to change users can only be the
 * one it is, and keeps its own supplementary groups.
 */
export function becomeUser(user: UserSpec): void {
  refuseUnchanged(user);
  const groups = setSupplementaryGroups(user.groups);
  if (groups === -eperm) {
    refuseOtherThanSelf(user);
    return;
  }
  must('set the supplementary groups', groups);
  must(`become group ${user.gid}`, setGroupId(user.gid));
  must(`become user ${user.uid}`, setUserId(user.uid));
}

/** To the kernel this id means "leave it as it is". */
const unchanged = 0xffff_ffff;

function refuseUnchanged({ uid, gid }: UserSpec): void {
  if (uid >= unchanged || gid >= unchanged) {
    throw new SandboxError(`Cannot run as user ${uid} and group ${gid}: no such ids`);
  }
}

function refuseOtherThanSelf(user: UserSpec): void {
  const [uid, gid] = [process.geteuid?.(), process.getegid?.()];
  if (user.uid === uid && user.gid === gid) return;
  throw new SandboxError(
    `Cannot run as user ${user.uid} and group ${user.gid}: Krustlet itself runs as ${uid} and ${gid}, and only root may change users`,
  );
}

/** Gives up the capabilities that are left; after this nothing can be regained. */
export function dropAllCapabilities(): void {
  must('drop all capabilities', dropCapabilities());
}
