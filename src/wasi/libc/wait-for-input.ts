import { callResult } from './call-result.ts';
import { libc } from './library.ts';
import { place } from './struct-page.ts';

const pollInput = 1; // POLLIN
const interrupted = -4; // EINTR

/**
 * Waits until a descriptor has something to read or its last writer has gone. A FIFO that had no
 * writer since it was opened is waited for, where reading it would find its end. 1 or a negated
 * errno.
 */
export function waitForInput(fd: number): number {
  for (;;) {
    const pollfd = new Uint8Array(8);
    const view = new DataView(pollfd.buffer);
    view.setInt32(0, fd, true);
    view.setInt16(4, pollInput, true);
    const [pointer] = place(pollfd);
    const result = callResult(libc.ppoll(pointer, 1n, 0n, 0n));
    if (result !== interrupted) return result;
  }
}

const setFlags = 4; // F_SETFL

/** Makes reads and writes of a descriptor wait again. 0 or a negated errno. */
export function makeBlocking(fd: number): number {
  return callResult(libc.fcntl(fd, setFlags, 0n));
}
