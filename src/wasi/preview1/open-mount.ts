import { realpathSync } from 'node:fs';
import path from 'node:path';
import { errno, errnoOf } from '../errno.ts';
import { fileType } from '../system/file-status.ts';
import type { System } from '../system/system.ts';
import { Descriptor } from './descriptor.ts';
import { MountError } from './errors.ts';
import { allRights, directoryRights } from './rights.ts';

export interface MountInit {
  /** Absolute path on the host of a directory or a file. Symbolic links are followed, once. */
  readonly hostPath: string;
  /** Absolute path in the guest. */
  readonly guestPath: string;
  readonly readOnly?: boolean;
}

/**
 * Opens what a guest finds at a path from the start.
 *
 * Preview1 knows only directories for that, and its libc looks for a file in the one with the
 * longest prefix: a file that is mounted alone is a directory of its own path with nothing in it
 * but itself, as `.`.
 *
 * @throws MountError
 */
export function openMount(system: System, mount: MountInit): Descriptor {
  const hostPath = realPath(mount);
  const guestPath = Buffer.from(mount.guestPath);
  const readOnly = mount.readOnly ?? false;
  const init = {
    rights: directoryRights,
    inheriting: allRights,
    readOnly,
    type: fileType.directory,
  };
  const handle = system.mounts.open(hostPath);
  if (handle >= 0)
    return new Descriptor(handle, { ...init, preopen: { kind: 'directory', guestPath } });
  if (handle !== -errno.notdir) throw new MountError(mount.guestPath, mount.hostPath, -handle);
  const parent = system.mounts.open(path.dirname(hostPath));
  if (parent < 0) throw new MountError(mount.guestPath, mount.hostPath, -parent);
  const preopen = { kind: 'file', guestPath, name: path.basename(hostPath) } as const;
  return new Descriptor(parent, { ...init, preopen });
}

function realPath({ guestPath, hostPath }: MountInit): string {
  try {
    return realpathSync(hostPath);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
    throw new MountError(guestPath, hostPath, errnoOf(code));
  }
}
