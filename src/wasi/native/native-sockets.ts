import type { GuestMemory } from '../guest-memory.ts';
import type { IoVectors } from '../io-vectors.ts';
import { outcome } from '../libc/errno.ts';
import { libc } from '../libc/library.ts';
import type { Scratch, ScratchRegion } from '../libc/scratch.ts';
import { receiveFlag, type Sockets, shutdownFlag } from '../system/sockets.ts';
import type { Handle } from '../system/system.ts';
import type { NativeVectors } from './native-vectors.ts';
import { untilDone } from './until-done.ts';

const acceptNonblock = 0o4000; // SOCK_NONBLOCK
const acceptCloseOnExec = 0o2000000; // SOCK_CLOEXEC
const peek = 0x2; // MSG_PEEK
const truncatedMessage = 0x20; // MSG_TRUNC
const waitAll = 0x100; // MSG_WAITALL
const noSignal = 0x4000; // MSG_NOSIGNAL
const messageSize = 56;

/** Sockets by `recvmsg` and `sendmsg`, straight from and to guest memory. */
export class NativeSockets implements Sockets {
  truncated = false;
  /** A `struct msghdr`. */
  readonly #message: ScratchRegion;
  readonly #vectors: NativeVectors;

  constructor(scratch: Scratch, vectors: NativeVectors) {
    this.#message = scratch.reserve(messageSize);
    this.#vectors = vectors;
  }

  accept(listener: Handle, nonblock: boolean): Handle {
    const flags = acceptCloseOnExec | (nonblock ? acceptNonblock : 0);
    return untilDone(() => libc.accept4(listener, 0n, 0n, flags));
  }

  receive(handle: Handle, memory: GuestMemory, vectors: IoVectors, flags: number): number {
    const linuxFlags =
      (flags & receiveFlag.peek ? peek : 0) | (flags & receiveFlag.waitAll ? waitAll : 0);
    const message = this.#place(memory, vectors);
    const received = untilDone(() => libc.recvmsg(handle, message, linuxFlags));
    this.truncated = (this.#message.view.getInt32(48, true) & truncatedMessage) !== 0;
    return received;
  }

  send(handle: Handle, memory: GuestMemory, vectors: IoVectors): number {
    const message = this.#place(memory, vectors);
    return untilDone(() => libc.sendmsg(handle, message, noSignal));
  }

  shutdown(handle: Handle, how: number): number {
    // SHUT_RD is 0, SHUT_WR 1 and SHUT_RDWR 2: one less than the bits.
    return outcome(libc.shutdown(handle, (how & (shutdownFlag.read | shutdownFlag.write)) - 1));
  }

  #place(memory: GuestMemory, vectors: IoVectors): bigint {
    const { address, bytes, view } = this.#message;
    bytes.fill(0);
    view.setBigUint64(16, this.#vectors.place(memory, vectors), true);
    view.setBigUint64(24, BigInt(vectors.count), true);
    return address;
  }
}
