import { errno } from '../errno.ts';
import { fileType } from '../system/file-status.ts';
import { whence } from '../system/streams.ts';
import type { Context } from './context.ts';
import type { Descriptor } from './descriptor.ts';
import { right } from './rights.ts';

type IoContext = Pick<Context, 'descriptors' | 'memory' | 'status' | 'system' | 'vectors'>;

/** Bytes through descriptors. */
export function fdIoFunctions({ descriptors, memory, status, system, vectors }: IoContext) {
  const { streams } = system;

  /** Checks what all four transfers have in common: where the vectors and the result are. */
  function take(pointer: number, count: number, result: number): number {
    if (!memory.covers(result, 4)) return errno.fault;
    return vectors.take(memory, pointer, count);
  }

  /** Writes how much was transferred, or answers the error. */
  function finish(transferred: number, result: number): number {
    if (transferred < 0) return -transferred;
    memory.view.setUint32(result, transferred, true);
    return errno.success;
  }

  function seek(fd: number, offset: bigint, from: number, result: number): number {
    const moves = offset !== 0n || from !== whence.cur;
    const file = descriptors.get(fd);
    if (typeof file === 'number') return file;
    if (file.type(system, status) === fileType.directory) return errno.isdir;
    if ((file.rights & (moves ? right.fdSeek : right.fdSeek | right.fdTell)) === 0) {
      return errno.notcapable;
    }
    if (!memory.covers(result, 8)) return errno.fault;
    const position = file.sink ? BigInt(-errno.spipe) : streams.seek(file.handle, offset, from);
    if (position < 0n) return Number(-position);
    memory.view.setBigUint64(result, position, true);
    return errno.success;
  }

  return {
    /** Reads into the vectors from `offset`, leaving the position. `readv`'s errors, `spipe` */
    fd_pread(fd: number, list: number, count: number, offset: bigint, result: number): number {
      const file = descriptors.get(fd, right.fdRead | right.fdSeek);
      if (typeof file === 'number') return file;
      const failure = take(list >>> 0, count >>> 0, result >>> 0);
      if (failure !== errno.success) return failure;
      return finish(streams.readAt(file.handle, memory, vectors, offset), result >>> 0);
    },

    /** Writes the vectors at `offset`, leaving the position. `writev`'s errors, `spipe` */
    fd_pwrite(fd: number, list: number, count: number, offset: bigint, result: number): number {
      const file = descriptors.get(fd, right.fdWrite | right.fdSeek);
      if (typeof file === 'number') return file;
      const failure = take(list >>> 0, count >>> 0, result >>> 0);
      if (failure !== errno.success) return failure;
      return finish(streams.writeAt(file.handle, memory, vectors, offset), result >>> 0);
    },

    /** Reads into the vectors. Writes how many bytes, 0 at the end. `badf` `notcapable` `fault` */
    fd_read(fd: number, list: number, count: number, result: number): number {
      const file = descriptors.get(fd, right.fdRead);
      if (typeof file === 'number') return file;
      const failure = take(list >>> 0, count >>> 0, result >>> 0);
      if (failure !== errno.success) return failure;
      return finish(streams.read(file.handle, memory, vectors), result >>> 0);
    },

    /** Writes the vectors. Writes how many bytes were taken. `badf` `notcapable` `fault` `pipe` */
    fd_write(fd: number, list: number, count: number, result: number): number {
      const file = descriptors.get(fd, right.fdWrite);
      if (typeof file === 'number') return file;
      const failure = take(list >>> 0, count >>> 0, result >>> 0);
      if (failure !== errno.success) return failure;
      const written =
        file.sink === undefined
          ? streams.write(file.handle, memory, vectors)
          : writeToSink(file.sink, memory, vectors);
      return finish(written, result >>> 0);
    },

    /** Moves the position, as `lseek`. Writes the new one, a u64. `isdir` `spipe` `inval` */
    fd_seek(fd: number, offset: bigint, from: number, result: number): number {
      if (!(from >= whence.set && from <= whence.end)) return errno.inval;
      return seek(fd, offset, from, result >>> 0);
    },

    /** Writes the position, a u64. `isdir` `spipe` */
    fd_tell(fd: number, result: number): number {
      return seek(fd, 0n, whence.cur, result >>> 0);
    },
  };
}

/** @returns how many bytes were taken, or a negated error number if the first part failed */
function writeToSink(
  sink: NonNullable<Descriptor['sink']>,
  memory: Context['memory'],
  vectors: Context['vectors'],
): number {
  let written = 0;
  for (const part of vectors.parts(memory)) {
    if (part.length === 0) continue;
    const failure = sink.write(part);
    if (failure !== errno.success) return written > 0 ? written : -failure;
    written += part.length;
  }
  return written;
}
