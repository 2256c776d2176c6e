import { dlopen, getInt32 } from 'node:ffi';
import { callResult } from './call-result.ts';
import { libc } from './library.ts';
import { place } from './struct-page.ts';

/* Node's own libuv, which this process is linked with. */
const { functions: libuv } = dlopen(null, {
  uv_default_loop: { arguments: [], return: 'u64' },
  uv_loop_fork: { arguments: ['u64'], return: 'i32' },
});

const loop = libuv.uv_default_loop();

/**
 * Gives the event loop of a process that was forked descriptors of its own, in place of those that it
 * has a copy of: these must still be open. 0 or a negated errno.
 */
export function renewEventLoop(): number {
  return libuv.uv_loop_fork(loop);
}

const countInput = 0x541bn; // FIONREAD

/** How many bytes can be read from a pipe at once, or a negated errno. */
export function bytesWaiting(pipe: number): number {
  const [count] = place(new Uint8Array(4));
  const result = callResult(libc.ioctl(pipe, countInput, count));
  return result < 0 ? result : getInt32(count, 0);
}
