import { errno } from '../errno.ts';
import type { OpenHow } from '../system/directories.ts';
import type { Context } from './context.ts';
import { Descriptor } from './descriptor.ts';
import { readPath } from './guest-path.ts';
import { right, rightsFrom } from './rights.ts';

type OpenContext = Pick<Context, 'descriptors' | 'memory' | 'system'>;

/** https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#oflags */
const openFlag = { create: 1, directory: 2, exclusive: 4, truncate: 8 } as const;

const symlinkFollow = 1;
const allFdFlags = 31;

const readRights = right.fdRead | right.fdReaddir;
/** Not those to allocate and to cut: Go asks for them on files that it only reads. */
const writeRights = right.fdWrite;

/** Opens files, as `openat`. */
export function pathOpenFunctions({ descriptors, memory, system }: OpenContext) {
  const { directories, streams } = system;

  return {
    /**
     * Opens a file beneath a directory and writes its descriptor, a u32. The rights must be among
     * those that the directory lets inherit; reading and writing rights say how to open it.
     *
     * `notcapable` rights; `perm` path leads outside; `loop` symbolic link not to be followed;
     * `rofs` change of a read-only mount; `noent` `exist` `isdir` `notdir` `acces` `mfile` `fault`
     */
    path_open(
      fd: number,
      lookupFlags: number,
      pathPointer: number,
      pathLength: number,
      openFlags: number,
      rightsBase: bigint,
      rightsInheriting: bigint,
      fdFlags: number,
      result: number,
    ): number {
      const directory = descriptors.get(fd, rightsToOpen(openFlags));
      if (typeof directory === 'number') return directory;
      const rights = rightsFrom(rightsBase);
      const inheriting = rightsFrom(rightsInheriting);
      if (((rights | inheriting) & ~directory.inheriting) !== 0) return errno.notcapable;
      if (!memory.covers(result >>> 0, 4)) return errno.fault;
      if ((fdFlags & ~allFdFlags) !== 0) return errno.inval;
      const path = readPath(memory, pathPointer >>> 0, pathLength >>> 0);
      if (typeof path === 'number') return path;

      const how = openHow(lookupFlags, openFlags, rights, fdFlags);
      const handle = open(directory, path, how);
      if (handle < 0) return -handle;
      const { readOnly } = directory;
      const opened = new Descriptor(handle, { rights, inheriting, flags: fdFlags, readOnly });
      memory.view.setUint32(result >>> 0, descriptors.add(opened), true);
      return errno.success;
    },
  };

  function open(directory: Descriptor, path: string, how: OpenHow): number {
    const { onlyFile } = directory;
    if (onlyFile !== undefined) {
      if (path !== '.') return -errno.noent;
      const existing = { ...how, create: false, exclusive: false, follow: false };
      return directory.readOnly && changes(how)
        ? -errno.rofs
        : directories.open(directory.handle, onlyFile, existing);
    }
    return directory.readOnly
      ? openUnchanged(directory, path, how)
      : directories.open(directory.handle, path, how);
  }

  /** What a read-only file system does: `create` is fine as long as there is nothing to create. */
  function openUnchanged(directory: Descriptor, path: string, how: OpenHow): number {
    if (changes(how)) return -errno.rofs;
    const handle = directories.open(directory.handle, path, { ...how, create: false });
    if (!how.create) return handle;
    if (handle >= 0 && how.exclusive) {
      streams.close(handle);
      return -errno.exist;
    }
    return handle === -errno.noent ? -errno.rofs : handle;
  }
}

function openHow(lookupFlags: number, openFlags: number, rights: number, fdFlags: number): OpenHow {
  return {
    follow: (lookupFlags & symlinkFollow) !== 0,
    read: (rights & readRights) !== 0,
    write: (rights & writeRights) !== 0,
    create: (openFlags & openFlag.create) !== 0,
    directory: (openFlags & openFlag.directory) !== 0,
    exclusive: (openFlags & openFlag.exclusive) !== 0,
    truncate: (openFlags & openFlag.truncate) !== 0,
    flags: fdFlags,
  };
}

function changes(how: OpenHow): boolean {
  return how.write || how.truncate;
}

function rightsToOpen(openFlags: number): number {
  return (
    right.pathOpen |
    (openFlags & openFlag.create ? right.pathCreateFile : 0) |
    (openFlags & openFlag.truncate ? right.pathFilestatSetSize : 0)
  );
}
