import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import {
  decodePreparedHeader,
  headerEnd,
  headerSize,
  type PreparedHeader,
} from '../../../wasi/component/prepared-file.ts';
import { hasErrorCode } from '../../errors.ts';

/**
 * What the file of a prepared component says of it, without reading its code: undefined where there
 * is no such file, one of another version, or one that says more than the `longest` bytes.
 */
export function readPreparedHeader(
  path: string,
  { longest = Number.POSITIVE_INFINITY }: { readonly longest?: number } = {},
): PreparedHeader | undefined {
  try {
    using file = openFile(path);
    const end = headerEnd(file.read(headerSize));
    if (end === undefined || end > longest) return undefined;
    return decodePreparedHeader(file.read(end));
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** Reads no further than to the end, wherever that is said to be. */
function openFile(path: string): Disposable & { read(length: number): Uint8Array } {
  const fd = openSync(path, 'r');
  return {
    read(length) {
      const bytes = Buffer.alloc(Math.min(length, fstatSync(fd).size));
      return bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, 0));
    },
    [Symbol.dispose]: () => closeSync(fd),
  };
}
