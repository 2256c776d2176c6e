import { callResult } from './call-result.ts';
import { libc } from './library.ts';
import type { Scratch, ScratchRegion } from './scratch.ts';

/** Events of epoll, by the numbers that poll has for them too. */
export const epollEvents = { input: 0x1, output: 0x4, error: 0x8, hangup: 0x10 } as const;

const closeOnExec = 0o2000000; // EPOLL_CLOEXEC
const oneShot = 0x4000_0000; // EPOLLONESHOT
const operation = { add: 1, remove: 2, modify: 3 } as const;
const notThere = -2; // ENOENT
/** `struct epoll_event` is packed on x86-64 alone. */
const layout = process.arch === 'x64' ? { size: 12, data: 4 } : { size: 16, data: 8 };
/** What one look brings at most; the next one brings the others. */
const most = 64;

/** Descriptors of which the kernel tells, each once, that they are ready: `epoll`. */
export class Epoll {
  /** Can be read while a descriptor is ready that was armed. */
  readonly descriptor: number;
  readonly #events: ScratchRegion;

  /** @throws {Error} where the kernel has none to give */
  constructor(scratch: Scratch) {
    this.#events = scratch.reserve(most * layout.size);
    this.descriptor = callResult(libc.epoll_create1(closeOnExec));
    if (this.descriptor < 0) throw new Error(`Cannot make an epoll: errno ${-this.descriptor}`);
  }

  /** Has the kernel tell once of some events of a descriptor. 0 or a negated errno. */
  arm(descriptor: number, events: number): number {
    const wanted = events | oneShot;
    const status = this.#control(operation.modify, descriptor, wanted);
    return status === notThere ? this.#control(operation.add, descriptor, wanted) : status;
  }

  /** Has the kernel tell of a descriptor no more; to be called before it is closed. */
  disarm(descriptor: number): void {
    this.#control(operation.remove, descriptor, 0);
  }

  /** The descriptors that are ready, and their events. */
  take(): readonly (readonly [descriptor: number, events: number])[] {
    const { address, view } = this.#events;
    const count = callResult(libc.epoll_wait(this.descriptor, address, most, 0));
    return Array.from({ length: Math.max(count, 0) }, (_, index) => {
      const at = index * layout.size;
      return [view.getInt32(at + layout.data, true), view.getUint32(at, true)] as const;
    });
  }

  #control(what: number, descriptor: number, events: number): number {
    const { address, view } = this.#events;
    view.setUint32(0, events, true);
    view.setInt32(layout.data, descriptor, true);
    return callResult(libc.epoll_ctl(this.descriptor, what, descriptor, address));
  }
}
