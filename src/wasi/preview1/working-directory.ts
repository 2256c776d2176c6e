import path from 'node:path';
import { type OpenHow, toRead } from '../system/directories.ts';
import type { System } from '../system/system.ts';
import { Descriptor } from './descriptor.ts';
import type { MountInit } from './open-mount.ts';

const asDirectory: OpenHow = { ...toRead, directory: true };

/**
 * Lets relative paths start from `workingDir`. Preview1 knows no working directory: libc looks up
 * a relative path as if from `/`, among mounts of which `.` and `/` are one and the same. So unless
 * something is mounted there, the directory is mounted once more as `.`; and as a side effect
 * stands in for `/` where no mount has a path's prefix. Go takes it from the variable PWD.
 *
 * @param mounts with their descriptors, opened
 * @returns nothing where the directory is in no mount, or relative paths have their place already
 */
export function workingDirectory(
  system: System,
  workingDir: string,
  mounts: readonly { readonly init: MountInit; readonly descriptor: Descriptor }[],
): Descriptor | undefined {
  if (mounts.some(({ init }) => isRoot(init.guestPath))) return undefined;
  const holding = mounts
    .filter(({ init }) => relative(init, workingDir) !== undefined)
    .toSorted((a, b) => b.init.guestPath.length - a.init.guestPath.length)[0];
  if (holding === undefined || holding.descriptor.onlyFile !== undefined) return undefined;
  const { descriptor, init } = holding;
  const name = relative(init, workingDir) || '.';
  const handle = system.directories.open(descriptor.handle, name, asDirectory);
  if (handle < 0) return undefined;
  const { inheriting, readOnly, rights } = descriptor;
  const preopen = { kind: 'directory', guestPath: Buffer.from('.') } as const;
  return new Descriptor(handle, { inheriting, readOnly, rights, preopen });
}

function isRoot(guestPath: string): boolean {
  return path.posix.resolve('/', guestPath) === '/';
}

/** The path of `target` in a mount, empty for the mount itself. */
function relative({ guestPath }: MountInit, target: string): string | undefined {
  const name = path.posix.relative(guestPath, target);
  return name === '..' || name.startsWith('../') ? undefined : name;
}
