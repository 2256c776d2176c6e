import { constants, openSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import { hasErrorCode, RuntimeError } from '../errors.ts';

/**
 * Opens the writing end of a container's stdin.
 *
 * @throws {RuntimeError} `StdinClosed` where the container no longer reads
 */
export function openStdin(id: string, fifo: string): Writable {
  try {
    const fd = openSync(fifo, constants.O_WRONLY | constants.O_NONBLOCK);
    return new Socket({ fd, readable: false, writable: true });
  } catch (cause) {
    if (!hasErrorCode(cause, 'ENXIO', 'ENOENT')) throw cause;
    throw new RuntimeError('StdinClosed', `Cannot write to '${id}': nothing reads its stdin`, {
      cause,
    });
  }
}
