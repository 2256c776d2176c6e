import { closeSync, constants, openSync, readSync } from 'node:fs';
import { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { isRunning, type ProcessIdentity } from './process-identity.ts';

/**
 * Resolves when the process has ended; it need not be a child of this one.
 *
 * The process holds the FIFO `alive` open for writing and nobody else does, so its death is our
 * end of file, whoever reaps it and whoever started it. Where the process never opened it, has
 * written to it, or somebody took it away, the process table is asked once a second instead.
 *
 * @throws the signal's reason when it aborts first
 */
export async function processDeath(
  identity: ProcessIdentity,
  alive: string,
  signal: AbortSignal,
): Promise<void> {
  await endOfFile(alive, signal);
  // Descriptors are closed a little before the process can be seen as ended.
  for (let pause = 1; isRunning(identity); pause = Math.min(pause * 2, 1_000)) {
    await sleep(pause, undefined, { signal });
  }
}

/**
 * Resolves when nobody holds the FIFO open for writing any more, or it is not there. Also when
 * somebody has written to it, which nobody does but code that has broken out of its engine: reading
 * what it writes would never end.
 *
 * @throws the signal's reason when it aborts first
 */
export async function endOfFile(fifo: string, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const fd = openFifo(fifo);
  if (fd === undefined) return;
  if (hasNoWriter(fd)) return closeSync(fd);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const socket = new Socket({ fd, readable: true, writable: false });
  const abort = () => socket.destroy(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  socket.once('data', () => socket.destroy());
  socket.on('end', resolve).on('close', resolve).on('error', reject);
  try {
    await promise;
  } finally {
    signal.removeEventListener('abort', abort);
    socket.destroy();
  }
}

function openFifo(fifo: string): number | undefined {
  try {
    return openSync(fifo, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Polling says nothing of a FIFO that had no writer since it was opened; reading does. */
function hasNoWriter(fd: number): boolean {
  try {
    return readSync(fd, new Uint8Array(1)) === 0;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') return false;
    throw error;
  }
}
