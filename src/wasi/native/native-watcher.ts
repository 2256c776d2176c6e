import { Epoll, epollEvents } from '../libc/epoll.ts';
import { LoopWake } from '../libc/event-loop.ts';
import type { Scratch } from '../libc/scratch.ts';
import type { Handle } from '../system/system.ts';
import type { Watcher } from '../system/watcher.ts';

type Kind = 'read' | 'write';

/** Who is to be told of one handle. */
type Listeners = Readonly<Record<Kind, Set<() => void>>>;

const kinds = ['read', 'write'] as const;
const eventOf = { read: epollEvents.input, write: epollEvents.output } as const;
/** What poll tells everybody of, whatever they wait for. */
const toldAlways = epollEvents.error | epollEvents.hangup;
/** When a handle is looked at that the kernel does not watch, in milliseconds. */
const unwatchedInterval = 8;

/**
 * Has the kernel tell the event loop of the main thread, by an `epoll` that libuv waits for. Both are
 * made for the first handle, so that a process that is forked before has its own.
 */
export class NativeWatcher implements Watcher {
  readonly #scratch: Scratch;
  #kernel: { readonly epoll: Epoll; readonly wake: LoopWake } | undefined;
  /** Handles that are armed. */
  readonly #watched = new Map<Handle, Listeners>();
  #isLooking = false;

  constructor(scratch: Scratch) {
    this.#scratch = scratch;
  }

  watch(handle: Handle, kind: Kind, tell: () => void): () => void {
    const listeners = this.#watched.get(handle) ?? { read: new Set(), write: new Set() };
    listeners[kind].add(tell);
    if (!this.#arm(handle, listeners)) {
      listeners[kind].delete(tell);
      const timer = setTimeout(tell, unwatchedInterval);
      return () => clearTimeout(timer);
    }
    return () => {
      if (!listeners[kind].delete(tell) || this.#armForOthers(handle, listeners)) return;
      this.#open().epoll.disarm(handle);
    };
  }

  /** @returns false for what the kernel does not watch, such as a file, or can watch no more of */
  #arm(handle: Handle, listeners: Listeners): boolean {
    const { epoll, wake } = this.#open();
    const wanted = kinds.filter((kind) => listeners[kind].size > 0);
    const events = wanted.reduce((sum, kind) => sum | eventOf[kind], 0);
    if (epoll.arm(handle, events) !== 0) return false;
    if (this.#watched.size === 0) wake.hold();
    this.#watched.set(handle, listeners);
    this.#lookAfterThisTurn();
    return true;
  }

  #open(): { readonly epoll: Epoll; readonly wake: LoopWake } {
    if (this.#kernel === undefined) {
      const epoll = new Epoll(this.#scratch);
      this.#kernel = { epoll, wake: new LoopWake(this.#scratch, epoll.descriptor) };
    }
    return this.#kernel;
  }

  /** Whenever libuv has waited: an immediate that keeps it from waiting would be no use. */
  #lookAfterThisTurn(): void {
    if (this.#isLooking) return;
    this.#isLooking = true;
    setImmediate(() => this.#look()).unref();
  }

  #look(): void {
    this.#isLooking = false;
    if (this.#watched.size === 0) return;
    for (const [handle, events] of this.#open().epoll.take()) this.#tell(handle, events);
    if (this.#watched.size > 0) this.#lookAfterThisTurn();
  }

  #tell(handle: Handle, events: number): void {
    const listeners = this.#watched.get(handle);
    if (listeners === undefined) return;
    const told = kinds.filter((kind) => events & (eventOf[kind] | toldAlways));
    const tells = told.flatMap((kind) => [...listeners[kind]]);
    for (const kind of told) listeners[kind].clear();
    this.#armForOthers(handle, listeners);
    for (const tell of tells) tell();
  }

  /** @returns whether somebody is left to be told of the handle */
  #armForOthers(handle: Handle, listeners: Listeners): boolean {
    if (kinds.some((kind) => listeners[kind].size > 0)) return this.#arm(handle, listeners);
    this.#watched.delete(handle);
    if (this.#watched.size === 0) this.#open().wake.release();
    return false;
  }
}
