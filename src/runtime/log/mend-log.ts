import { closeSync, constants, fstatSync, ftruncateSync, openSync, readSync } from 'node:fs';
import { hasErrorCode } from '../errors.ts';
import { maxEntry } from './log-stream.ts';

const newline = 0x0a;

/**
 * Removes a torn entry from the end of a log whose writer was killed in the middle of a write: the
 * kernel may have taken a part of it. Call it only when the writer has ended.
 */
export function mendLog(path: string): void {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDWR | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    // a link is no log of ours, nor what somebody holds a lease of
    if (hasErrorCode(error, 'ENOENT', 'ELOOP', 'EAGAIN')) return;
    throw error;
  }
  try {
    const { size } = fstatSync(fd);
    const tail = Buffer.alloc(Math.min(size, maxEntry));
    readSync(fd, tail, 0, tail.length, size - tail.length);
    const torn = tail.length - 1 - tail.lastIndexOf(newline);
    if (torn > 0) ftruncateSync(fd, size - torn);
  } finally {
    closeSync(fd);
  }
}
