import { dlopen, getInt32 } from 'node:ffi';
import { callResult } from './call-result.ts';
import { libc } from './library.ts';
import type { Scratch } from './scratch.ts';
import { place } from './struct-page.ts';

/* Node's own libuv, which this process is linked with. */
const { functions: libuv, lib: program } = dlopen(null, {
  uv_default_loop: { arguments: [], return: 'u64' },
  uv_handle_size: { arguments: ['i32'], return: 'u64' },
  uv_loop_fork: { arguments: ['u64'], return: 'i32' },
  uv_poll_init: { arguments: ['u64', 'u64', 'i32'], return: 'i32' },
  uv_poll_start: { arguments: ['u64', 'i32', 'u64'], return: 'i32' },
  uv_ref: { arguments: ['u64'], return: 'void' },
  uv_unref: { arguments: ['u64'], return: 'void' },
});

const loop = libuv.uv_default_loop();

/**
 * Gives the event loop of a process that was forked descriptors of its own, in place of those that it
 * has a copy of: these must still be open. 0 or a negated errno.
 */
export function renewEventLoop(): number {
  return libuv.uv_loop_fork(loop);
}

const pollHandle = 8; // UV_POLL
const readable = 1; // UV_READABLE

/** Something that ends the event loop's rest whenever a descriptor can be read. */
export class LoopWake {
  readonly #handle: bigint;

  /**
   * Lasts as long as the process, in its main thread, but keeps the event loop going only while it
   * is held.
   *
   * @throws {Error} where libuv cannot wait for the descriptor
   */
  constructor(scratch: Scratch, descriptor: number) {
    this.#handle = scratch.reserve(Number(libuv.uv_handle_size(pollHandle))).address;
    // Something has to be called that does nothing: no JavaScript may be where libuv calls.
    const nothing = program.getSymbol('uv_is_active');
    const status =
      libuv.uv_poll_init(loop, this.#handle, descriptor) ||
      libuv.uv_poll_start(this.#handle, readable, nothing);
    if (status !== 0) throw new Error(`Cannot watch a descriptor: libuv's error ${status}`);
    this.release();
  }

  hold(): void {
    libuv.uv_ref(this.#handle);
  }

  release(): void {
    libuv.uv_unref(this.#handle);
  }
}

const countInput = 0x541bn; // FIONREAD

/** How many bytes can be read from a pipe at once, or a negated errno. */
export function bytesWaiting(pipe: number): number {
  const [count] = place(new Uint8Array(4));
  const result = callResult(libc.ioctl(pipe, countInput, count));
  return result < 0 ? result : getInt32(count, 0);
}
