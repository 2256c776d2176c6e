import { errno } from '../errno.ts';
import { FileStatus, fileType } from '../system/file-status.ts';
import { FileTimes } from '../system/files.ts';
import type { Context } from './context.ts';
import type { Descriptor } from './descriptor.ts';
import { type FilestatLayout, filestatLayout } from './filestat.ts';
import { takeTimes } from './new-times.ts';
import { right } from './rights.ts';

type FileContext = Pick<Context, 'descriptors' | 'memory' | 'status' | 'system'>;

const lastAdvice = 5;
const maxOffset = 2n ** 63n - 1n;

/** What a descriptor's file is, and how it is kept. */
export function fdFileFunctions(
  { descriptors, memory, status, system }: FileContext,
  layout: FilestatLayout = filestatLayout,
) {
  const { files } = system;
  const times = new FileTimes();

  /** The descriptor if it has the right and may be changed. */
  function changeable(fd: number, rights: number): Descriptor | number {
    const file = descriptors.get(fd, rights);
    return typeof file !== 'number' && file.readOnly ? errno.rofs : file;
  }

  return {
    /** Says how a range will be used, as `posix_fadvise`. `inval` */
    fd_advise(fd: number, offset: bigint, length: bigint, advice: number): number {
      const file = descriptors.get(fd, right.fdAdvise);
      if (typeof file === 'number') return file;
      if (!(advice >= 0 && advice <= lastAdvice) || !isRange(offset, length)) return errno.inval;
      return files.advise(file.handle, offset, length, advice);
    },

    /** Makes room for a range, as `fallocate`. `notsup` where the file system cannot */
    fd_allocate(fd: number, offset: bigint, length: bigint): number {
      const file = changeable(fd, right.fdAllocate);
      if (typeof file === 'number') return file;
      if (!isRange(offset, length) || length === 0n) return errno.inval;
      return files.allocate(file.handle, offset, length);
    },

    /** Waits until the data is on the disk, as `fdatasync`. */
    fd_datasync(fd: number): number {
      const file = descriptors.get(fd, right.fdDatasync);
      return typeof file === 'number' ? file : files.sync(file.handle, true);
    },

    /** Waits until data and metadata are on the disk, as `fsync`. */
    fd_sync(fd: number): number {
      const file = descriptors.get(fd, right.fdSync);
      return typeof file === 'number' ? file : files.sync(file.handle, false);
    },

    /** Writes the metadata, as `fstat`. */
    fd_filestat_get(fd: number, result: number): number {
      const pointer = result >>> 0;
      const file = descriptors.get(fd, right.fdFilestatGet);
      if (typeof file === 'number') return file;
      if (!memory.covers(pointer, layout.size)) return errno.fault;
      const failure = describe(file, system, status);
      if (failure === errno.success) layout.write(memory.view, pointer, status);
      return failure;
    },

    /** Cuts or extends the file, as `ftruncate`. `inval` */
    fd_filestat_set_size(fd: number, size: bigint): number {
      const file = changeable(fd, right.fdFilestatSetSize);
      if (typeof file === 'number') return file;
      if (!isRange(size, 0n)) return errno.inval;
      return files.setSize(file.handle, size);
    },

    /** Changes the times, as `futimens`. `inval` for a time both given and now */
    fd_filestat_set_times(fd: number, accessed: bigint, modified: bigint, flags: number): number {
      const file = changeable(fd, right.fdFilestatSetTimes);
      if (typeof file === 'number') return file;
      const failure = takeTimes(times, accessed, modified, flags);
      return failure === errno.success ? files.setTimes(file.handle, times) : failure;
    },
  };
}

/** A sink has no file behind it: it is a stream of which nothing is known. */
function describe(file: Descriptor, system: Context['system'], status: FileStatus): number {
  if (file.sink === undefined) return system.files.status(file.handle, status);
  Object.assign(status, new FileStatus(), {
    type: file.sink.terminal ? fileType.characterDevice : fileType.unknown,
  });
  return errno.success;
}

/** Whether a guest's unsigned offset and length stay below what an `off_t` holds. */
function isRange(offset: bigint, length: bigint): boolean {
  return BigInt.asUintN(64, offset) + BigInt.asUintN(64, length) <= maxOffset;
}
