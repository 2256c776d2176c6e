import { getInt16 } from 'node:ffi';
import { callResult } from './call-result.ts';
import { libc } from './library.ts';
import { place } from './struct-page.ts';

/** POLLIN and POLLOUT */
const pollEvents = { input: 1, output: 4 } as const;
const interrupted = -4; // EINTR
const pollfdBytes = 8;
const nanosecondsOfMillisecond = 1_000_000n;

/**
 * Waits until a descriptor has something to read or its last writer has gone. A FIFO that had no
 * writer since it was opened is waited for, where reading it would find its end. 1 or a negated
 * errno.
 */
export function waitForInput(fd: number): number {
  const ready = waitForAnyInput([fd]);
  return typeof ready === 'number' ? ready : ready.length;
}

/** Waits likewise for any of several; those that need not wait, or a negated errno. */
export function waitForAnyInput(fds: readonly number[]): readonly number[] | number {
  const ready = waitForAny(fds.map((fd) => ({ fd, event: 'input' })));
  return typeof ready === 'number' ? ready : ready.map(({ fd }) => fd);
}

/** A descriptor, and whether it is to have something to read or room to write. */
export interface Awaited {
  readonly fd: number;
  readonly event: 'input' | 'output';
}

/**
 * Waits until one of several has come, or its other side has gone; those, or a negated errno. None where so many
 * milliseconds, less than a second, have passed before.
 */
export function waitForAny(
  awaited: readonly Awaited[],
  milliseconds?: number,
): readonly Awaited[] | number {
  const pollfds = new DataView(new ArrayBuffer(pollfdBytes * awaited.length));
  for (const [index, { fd, event }] of awaited.entries()) {
    pollfds.setInt32(index * pollfdBytes, fd, true);
    pollfds.setInt16(index * pollfdBytes + 4, pollEvents[event], true);
  }
  const time = BigInt64Array.of(0n, BigInt(milliseconds ?? 0) * nanosecondsOfMillisecond);
  for (;;) {
    const [pointer, timespec] = place(new Uint8Array(pollfds.buffer), new Uint8Array(time.buffer));
    const timeout = milliseconds === undefined ? 0n : timespec;
    const result = callResult(libc.ppoll(pointer, BigInt(awaited.length), timeout, 0n));
    if (result < 0 && result !== interrupted) return result;
    if (result >= 0) return awaited.filter((_, index) => hasEvents(pointer, index));
  }
}

/** Whether a descriptor has something to read, or comes to have it within so many milliseconds, or has ended. */
export function isReadable(fd: number, milliseconds: number): boolean {
  const ready = waitForAny([{ fd, event: 'input' }], milliseconds);
  return typeof ready !== 'number' && ready.length > 0;
}

function hasEvents(pollfds: bigint, index: number): boolean {
  return getInt16(pollfds, index * pollfdBytes + 6) !== 0;
}

const setFlags = 4; // F_SETFL

/** Makes reads and writes of a descriptor wait again. 0 or a negated errno. */
export function makeBlocking(fd: number): number {
  return callResult(libc.fcntl(fd, setFlags, 0n));
}

const nonBlocking = 0o4000n; // O_NONBLOCK

/** Makes reads and writes of a descriptor fail with EAGAIN where they would wait. 0 or a negated errno. */
export function makeNonBlocking(fd: number): number {
  return callResult(libc.fcntl(fd, setFlags, nonBlocking));
}
