import { chmodSync, closeSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { getSystemErrorName } from 'node:util';
import { linkFile } from '../../../wasi/libc/link-file.ts';
import { nativeMounts } from '../../../wasi/native/native-mounts.ts';
import { openMount } from '../../../wasi/preview1/open-mount.ts';
import type { ContainerSpec, MountSpec } from '../../container-spec.ts';

/** Enough to look a file up in it, for a user who was given the folder. */
const folderMode = 0o711;
const alreadyThere = -17; // EEXIST

/**
 * Gives each single file that a container mounts a folder of its own, which holds a link to it by
 * the name that the guest knows: for a program that can mount folders only. May be called twice.
 *
 * @throws where no link can be made, as from one filesystem to another
 */
export function stageFiles({ mounts }: ContainerSpec, directory: string): void {
  const opener = { mounts: nativeMounts() };
  for (const mount of mounts) {
    const { handle, onlyFile } = openMount(opener, mount);
    if (onlyFile !== undefined) {
      stage(mount, { directory: handle, name: onlyFile }, stagedFolder(directory, mount));
    }
    closeSync(handle);
  }
}

/** The folder of one file. */
export function stagedFolder(directory: string, { guestPath }: MountSpec): string {
  return path.join(directory, 'files', encodeURIComponent(guestPath));
}

function stage(
  { hostPath, guestPath }: MountSpec,
  file: { readonly directory: number; readonly name: string },
  folder: string,
): void {
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, folderMode);
  const result = linkFile(file, path.join(folder, path.posix.basename(guestPath)));
  if (result === 0 || result === alreadyThere) return;
  throw new Error(
    `Cannot mount the file '${hostPath}': engine 'wasmtime' mounts folders only, and no link to it can be made: ${getSystemErrorName(result)}`,
  );
}
