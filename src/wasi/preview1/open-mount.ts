import { realpathSync } from 'node:fs';
import path from 'node:path';
import { errno, errnoOf } from '../errno.ts';
import { fileType } from '../system/file-status.ts';
import type { Handle, System } from '../system/system.ts';
import { Descriptor, type Preopen } from './descriptor.ts';
import { MountError } from './errors.ts';
import { allRights, directoryRights } from './rights.ts';

export interface MountInit {
  /** Absolute path on the host of a directory or a file. Symbolic links are followed, once. */
  readonly hostPath: string;
  /**
   * Path from the directory `hostPath` to what is mounted. Nothing that others change on its way
   * meanwhile leads it outside. @default the whole
   */
  readonly subPath?: string;
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
export function openMount(system: Pick<System, 'mounts'>, mount: MountInit): Descriptor {
  const hostPath = realPath(mount);
  const guestPath = Buffer.from(mount.guestPath);
  const handle = system.mounts.open(hostPath, mount.subPath);
  if (handle >= 0) return directoryOf(handle, mount, { kind: 'directory', guestPath });
  if (handle !== -errno.notdir) throw mountError(mount, -handle);
  const place = mount.subPath
    ? system.mounts.openFile(hostPath, mount.subPath)
    : system.mounts.openFile(path.dirname(hostPath), path.basename(hostPath));
  if (typeof place === 'number') throw mountError(mount, -place);
  return directoryOf(place.directory, mount, { kind: 'file', guestPath, name: place.name });
}

function directoryOf(handle: Handle, { readOnly = false }: MountInit, preopen: Preopen) {
  const type = fileType.directory;
  const rights = { rights: directoryRights, inheriting: allRights };
  return new Descriptor(handle, { ...rights, readOnly, type, preopen });
}

function realPath(mount: MountInit): string {
  try {
    return realpathSync(mount.hostPath);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
    throw mountError(mount, errnoOf(code));
  }
}

function mountError({ guestPath, hostPath, subPath = '' }: MountInit, error: number): MountError {
  return new MountError(guestPath, path.join(hostPath, subPath), error);
}
