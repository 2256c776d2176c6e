/** Something a guest can wait for. */
export interface Readiness {
  /** Whether waiting would return at once. */
  ready(): boolean;
  /** What makes it ready; asked only while it is not. */
  source(): WaitSource;
}

export type WaitSource =
  /** A point in time on the monotonic clock, in nanoseconds. */
  | { readonly kind: 'deadline'; readonly at: bigint }
  /** A handle of the system. */
  | { readonly kind: 'handle'; readonly handle: number; readonly direction: 'read' | 'write' }
  /** Something the event loop brings; resolves when it is worth asking again, and never rejects. */
  | { readonly kind: 'event'; readonly happened: Promise<unknown> }
  /** Whichever of these is first. */
  | { readonly kind: 'any'; readonly sources: readonly WaitSource[] };

export const alwaysReady: Readiness = {
  ready: () => true,
  source: () => ({ kind: 'event', happened: Promise.resolve() }),
};
