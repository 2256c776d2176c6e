import type { Field } from '../http/fields.ts';
import type { RequestHead } from '../http/messages.ts';

/** What the thread that has the connections tells one that runs guests. Requests have numbers. */
export type ToThread =
  | {
      readonly kind: 'request';
      readonly id: number;
      readonly head: RequestHead;
      readonly hasBody: boolean;
    }
  | { readonly kind: 'body'; readonly id: number; readonly chunk: Uint8Array }
  | { readonly kind: 'body-end'; readonly id: number; readonly trailers: readonly Field[] }
  /** The client has sent less than it said it would. */
  | { readonly kind: 'body-lost'; readonly id: number }
  /** The network has taken so many bytes of the response. */
  | { readonly kind: 'taken'; readonly id: number; readonly bytes: number }
  | { readonly kind: 'abort'; readonly id: number; readonly reason: 'client-left' | 'timeout' };

/** What a thread that runs guests tells the one that has the connections. */
export type FromThread =
  /** It can take requests. */
  | { readonly kind: 'ready' }
  /** A whole response, its body as Latin-1. */
  | (ResponseHead & { readonly kind: 'whole'; readonly text: string })
  | (ResponseHead & { readonly kind: 'head' })
  | { readonly kind: 'chunk'; readonly id: number; readonly chunk: Uint8Array }
  | { readonly kind: 'finish'; readonly id: number; readonly trailers: [string, string][] }
  /** The response was given up in its middle. */
  | { readonly kind: 'cut'; readonly id: number }
  /** The guest has room for so many more bytes of the request's body. */
  | { readonly kind: 'room'; readonly id: number; readonly bytes: number }
  /** The guest is done with the request; where that is not `over`, some of its response is still to come. */
  | { readonly kind: 'done'; readonly id: number; readonly over: boolean }
  /** There is nothing more to come of the request, which was done before. */
  | { readonly kind: 'over'; readonly id: number }
  /** Lines about a request that failed. */
  | { readonly kind: 'failure'; readonly lines: readonly string[] }
  /** What a guest has written; the thread waits for the answer, see `ThreadOutput`. */
  | { readonly kind: 'output'; readonly stream: 'stdout' | 'stderr'; readonly bytes: Uint8Array };

interface ResponseHead {
  readonly id: number;
  readonly status: number;
  /** Names and values by turns. */
  readonly headers: string[];
}

/** Bytes of a body that may be on their way from one thread to the other. */
export const bodyWindow = 64 * 1024;
