import type { Handle } from './system.ts';

/** Tells on the event loop when handles become ready, so that nobody has to block or to ask for it. */
export interface Watcher {
  /**
   * Calls `tell` once, in a later turn of the event loop, when the handle may be ready by what a
   * `Poller` says. The event loop goes on until then.
   *
   * @returns what makes an end of that: to be called before the handle is closed
   */
  watch(handle: Handle, kind: 'read' | 'write', tell: () => void): () => void;
}
