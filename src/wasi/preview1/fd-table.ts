import { errno } from '../errno.ts';
import { fileFlag } from '../system/files.ts';
import { noHandle } from '../system/system.ts';
import type { Context } from './context.ts';
import { closeDescriptor } from './descriptor.ts';
import { right, rightsFrom } from './rights.ts';

type TableContext = Pick<Context, 'descriptors' | 'memory' | 'status' | 'system'>;

const fdstatSize = 24;
const prestatSize = 8;
const prestatKind = { directory: 0, other: 1 } as const;

const allFlags = 31;
/** Flags that a file is opened with for good. */
const fixedFlags = fileFlag.dsync | fileFlag.rsync | fileFlag.sync;

/** The table of descriptors itself: what the numbers are, and may be used for. */
export function fdTableFunctions({ descriptors, memory, status, system }: TableContext) {
  return {
    /** Closes a descriptor, one of those from the start too, as `close`. `badf` */
    fd_close(fd: number): number {
      const descriptor = descriptors.remove(fd);
      return descriptor === undefined ? errno.badf : closeDescriptor(system, descriptor);
    },

    /** Gives `from` the number `to`, which must be open and is closed, as `dup2`. `badf` */
    fd_renumber(from: number, to: number): number {
      const source = descriptors.get(from);
      const target = descriptors.get(to);
      if (typeof source === 'number' || typeof target === 'number') return errno.badf;
      if (source === target) return errno.success;
      descriptors.remove(from);
      descriptors.remove(to);
      descriptors.set(to, source);
      closeDescriptor(system, target);
      return errno.success;
    },

    /** Writes type, flags, rights and inheriting rights, 24 bytes; as `fcntl(F_GETFL)`. */
    fd_fdstat_get(fd: number, result: number): number {
      const pointer = result >>> 0;
      const descriptor = descriptors.get(fd);
      if (typeof descriptor === 'number') return descriptor;
      if (!memory.covers(pointer, fdstatSize)) return errno.fault;
      const type = descriptor.type(system, status);
      const { view } = memory;
      view.setUint16(pointer, type, true);
      view.setUint16(pointer + 2, descriptor.flags, true);
      view.setUint32(pointer + 4, 0, true);
      view.setBigUint64(pointer + 8, BigInt(descriptor.rights), true);
      view.setBigUint64(pointer + 16, BigInt(descriptor.inheriting), true);
      return errno.success;
    },

    /** Changes append and nonblock, as `fcntl(F_SETFL)`. `notsup` for the synchronous ones */
    fd_fdstat_set_flags(fd: number, flags: number): number {
      const descriptor = descriptors.get(fd, right.fdFdstatSetFlags);
      if (typeof descriptor === 'number') return descriptor;
      if ((flags & ~allFlags) !== 0) return errno.inval;
      if (((flags ^ descriptor.flags) & fixedFlags) !== 0) return errno.notsup;
      const failure =
        descriptor.handle === noHandle
          ? errno.success
          : system.files.setFlags(descriptor.handle, flags);
      if (failure === errno.success) descriptor.flags = flags;
      return failure;
    },

    /** Gives up rights for good. `notcapable` for one that the descriptor does not have */
    fd_fdstat_set_rights(fd: number, base: bigint, inheriting: bigint): number {
      const descriptor = descriptors.get(fd);
      if (typeof descriptor === 'number') return descriptor;
      descriptor.type(system, status);
      const rights = rightsFrom(base);
      const inherited = rightsFrom(inheriting);
      if ((rights & ~descriptor.rights) !== 0 || (inherited & ~descriptor.inheriting) !== 0) {
        return errno.notcapable;
      }
      descriptor.rights = rights;
      descriptor.inheriting = inherited;
      return errno.success;
    },

    /**
     * Writes what a descriptor that is there from the start is, and how long its name is: kind 0 a
     * directory, 1 a listening socket. `badf` for any other
     */
    fd_prestat_get(fd: number, result: number): number {
      const pointer = result >>> 0;
      const preopen = preopenOf(fd);
      if (preopen === undefined) return errno.badf;
      if (!memory.covers(pointer, prestatSize)) return errno.fault;
      const listens = preopen.kind === 'listener';
      memory.view.setUint32(pointer, listens ? prestatKind.other : prestatKind.directory, true);
      memory.view.setUint32(pointer + 4, listens ? 0 : preopen.guestPath.length, true);
      return errno.success;
    },

    /** Writes the path that a directory has in the guest. `nametoolong` `notdir` */
    fd_prestat_dir_name(fd: number, path: number, length: number): number {
      const pointer = path >>> 0;
      const preopen = preopenOf(fd);
      if (preopen === undefined) return errno.badf;
      if (preopen.kind === 'listener') return errno.notdir;
      if (preopen.guestPath.length > length >>> 0) return errno.nametoolong;
      if (!memory.covers(pointer, length >>> 0)) return errno.fault;
      memory.bytes.set(preopen.guestPath, pointer);
      return errno.success;
    },
  };

  function preopenOf(fd: number) {
    const descriptor = descriptors.get(fd);
    return typeof descriptor === 'number' ? undefined : descriptor.preopen;
  }
}
