/** What the thread that accepts connections tells one that serves them. */
export type ToThread =
  /** Has it serve a connection, by its descriptor. Numbers are used again, and ids are not. */
  | { readonly kind: 'connection'; readonly id: number; readonly fd: number }
  /** Has it give back so many connections, each when it is idle. */
  | { readonly kind: 'give'; readonly most: number }
  /** Has it finish the requests that are here, and close its connections. */
  | { readonly kind: 'drain' };

/** What a thread that serves connections tells the one that accepts them. */
export type FromThread =
  /** It can take connections. */
  | { readonly kind: 'ready' }
  /** A connection that it gives back, by a new descriptor. */
  | { readonly kind: 'connection'; readonly fd: number }
  /** It has closed a connection that it was given. */
  | { readonly kind: 'closed'; readonly id: number }
  | { readonly kind: 'drained' }
  /** Lines about requests, for the container's log. */
  | { readonly kind: 'say'; readonly lines: readonly string[] }
  /** What a guest has written; the thread waits for the answer, see `ThreadOutput`. */
  | { readonly kind: 'output'; readonly stream: 'stdout' | 'stderr'; readonly bytes: Uint8Array };
