import { errno } from '../errno.ts';
import { FileTimes } from '../system/files.ts';
import type { Context } from './context.ts';
import type { Descriptor } from './descriptor.ts';
import { type FilestatLayout, filestatLayout } from './filestat.ts';
import { readPath } from './guest-path.ts';
import { takeTimes } from './new-times.ts';
import { right } from './rights.ts';

type PathContext = Pick<Context, 'descriptors' | 'memory' | 'status' | 'system'>;

const symlinkFollow = 1;

/**
 * Files by name, beneath a directory. All answer `badf` and `notcapable` for the descriptor,
 * `fault`, `noent`, `nametoolong`, `ilseq` and `inval` for the path as the guest passes it, `perm`
 * for one that leads outside, and `rofs` for a change of a read-only mount.
 */
export function pathFunctions(
  { descriptors, memory, status, system }: PathContext,
  layout: FilestatLayout = filestatLayout,
) {
  const { directories } = system;
  const times = new FileTimes();

  /** The directory if it has the rights and its entries may be changed. */
  function changeable(fd: number, rights: number): Descriptor | number {
    const directory = descriptors.get(fd, rights);
    if (typeof directory === 'number') return directory;
    if (directory.readOnly) return errno.rofs;
    return directory.onlyFile === undefined ? directory : errno.busy;
  }

  /** The path to look up in the directory's handle. */
  function lookup(directory: Descriptor, pointer: number, length: number): string | number {
    const path = readPath(memory, pointer >>> 0, length >>> 0);
    if (typeof path === 'number' || directory.onlyFile === undefined) return path;
    return path === '.' ? directory.onlyFile : errno.noent;
  }

  function follows(directory: Descriptor, lookupFlags: number): boolean {
    return (lookupFlags & symlinkFollow) !== 0 && directory.onlyFile === undefined;
  }

  /** Runs `action` on a path in a directory. */
  function withPath(
    directory: Descriptor | number,
    pointer: number,
    length: number,
    action: (handle: number, path: string) => number,
  ): number {
    if (typeof directory === 'number') return directory;
    const path = lookup(directory, pointer, length);
    return typeof path === 'number' ? path : action(directory.handle, path);
  }

  /** Runs `action` on two paths in two directories, both of which are changed. */
  function withTwoPaths(
    from: Descriptor | number,
    oldPointer: number,
    oldLength: number,
    to: Descriptor | number,
    newPointer: number,
    newLength: number,
    action: (from: number, oldPath: string, to: number, newPath: string) => number,
  ): number {
    if (typeof from === 'number') return from;
    if (typeof to === 'number') return to;
    const oldPath = lookup(from, oldPointer, oldLength);
    if (typeof oldPath === 'number') return oldPath;
    const newPath = lookup(to, newPointer, newLength);
    if (typeof newPath === 'number') return newPath;
    return action(from.handle, oldPath, to.handle, newPath);
  }

  return {
    /** Makes a directory, as `mkdirat`. `exist` */
    path_create_directory(fd: number, pathPointer: number, pathLength: number): number {
      const directory = changeable(fd, right.pathCreateDirectory);
      return withPath(directory, pathPointer, pathLength, (...at) => directories.create(...at));
    },

    /** Writes the metadata of a file, as `fstatat`. `loop` */
    path_filestat_get(
      fd: number,
      lookupFlags: number,
      pathPointer: number,
      pathLength: number,
      result: number,
    ): number {
      const directory = descriptors.get(fd, right.pathFilestatGet);
      if (typeof directory === 'number') return directory;
      if (!memory.covers(result >>> 0, layout.size)) return errno.fault;
      const path = lookup(directory, pathPointer, pathLength);
      if (typeof path === 'number') return path;
      const follow = follows(directory, lookupFlags);
      const failure = directories.status(directory.handle, path, follow, status);
      if (failure === errno.success) layout.write(memory.view, result >>> 0, status);
      return failure;
    },

    /** Changes the times of a file, as `utimensat`. `inval` for a time both given and now */
    path_filestat_set_times(
      fd: number,
      lookupFlags: number,
      pathPointer: number,
      pathLength: number,
      accessed: bigint,
      modified: bigint,
      flags: number,
    ): number {
      const directory = descriptors.get(fd, right.pathFilestatSetTimes);
      if (typeof directory === 'number') return directory;
      if (directory.readOnly) return errno.rofs;
      const failure = takeTimes(times, accessed, modified, flags);
      if (failure !== errno.success) return failure;
      const path = lookup(directory, pathPointer, pathLength);
      if (typeof path === 'number') return path;
      const follow = follows(directory, lookupFlags);
      return directories.setTimes(directory.handle, path, follow, times);
    },

    /** Makes a hard link, as `linkat`; to a symbolic link itself. `inval` asked to follow one */
    path_link(
      fromFd: number,
      lookupFlags: number,
      oldPointer: number,
      oldLength: number,
      toFd: number,
      newPointer: number,
      newLength: number,
    ): number {
      const from = changeable(fromFd, right.pathLinkSource);
      const to = changeable(toFd, right.pathLinkTarget);
      if ((lookupFlags & symlinkFollow) !== 0) return errno.inval;
      return withTwoPaths(from, oldPointer, oldLength, to, newPointer, newLength, (...paths) =>
        directories.link(...paths),
      );
    },

    /** Writes what a symbolic link holds, cut to the buffer, as `readlinkat`. `inval` no link */
    path_readlink(
      fd: number,
      pathPointer: number,
      pathLength: number,
      buffer: number,
      size: number,
      result: number,
    ): number {
      const directory = descriptors.get(fd, right.pathReadlink);
      if (typeof directory === 'number') return directory;
      const start = buffer >>> 0;
      if (!memory.covers(start, size >>> 0)) return errno.fault;
      if (!memory.covers(result >>> 0, 4)) return errno.fault;
      const path = lookup(directory, pathPointer, pathLength);
      if (typeof path === 'number') return path;
      const into = memory.bytes.subarray(start, start + (size >>> 0));
      const length = directories.readlink(directory.handle, path, into);
      if (length < 0) return -length;
      memory.view.setUint32(result >>> 0, length, true);
      return errno.success;
    },

    /** Removes an empty directory, as `unlinkat(AT_REMOVEDIR)`. `notempty` `notdir` */
    path_remove_directory(fd: number, pathPointer: number, pathLength: number): number {
      const directory = changeable(fd, right.pathRemoveDirectory);
      return withPath(directory, pathPointer, pathLength, (...at) =>
        directories.remove(...at, 'directory'),
      );
    },

    /** Moves a file, replacing what has the new name, as `renameat`. `xdev` `notempty` `isdir` */
    path_rename(
      fromFd: number,
      oldPointer: number,
      oldLength: number,
      toFd: number,
      newPointer: number,
      newLength: number,
    ): number {
      const from = changeable(fromFd, right.pathRenameSource);
      const to = changeable(toFd, right.pathRenameTarget);
      return withTwoPaths(from, oldPointer, oldLength, to, newPointer, newLength, (...paths) =>
        directories.rename(...paths),
      );
    },

    /** Makes a symbolic link, as `symlinkat`. `perm` for one to an absolute path; `exist` */
    path_symlink(
      targetPointer: number,
      targetLength: number,
      fd: number,
      pathPointer: number,
      pathLength: number,
    ): number {
      const directory = changeable(fd, right.pathSymlink);
      if (typeof directory === 'number') return directory;
      const target = readPath(memory, targetPointer >>> 0, targetLength >>> 0);
      if (typeof target === 'number') return target;
      if (target.startsWith('/')) return errno.perm;
      return withPath(directory, pathPointer, pathLength, (...at) =>
        directories.symlink(target, ...at),
      );
    },

    /** Removes a file or a symbolic link, as `unlinkat`. `isdir` */
    path_unlink_file(fd: number, pathPointer: number, pathLength: number): number {
      const directory = changeable(fd, right.pathUnlinkFile);
      return withPath(directory, pathPointer, pathLength, (...at) =>
        directories.remove(...at, 'file'),
      );
    },
  };
}
