import type { Writable } from 'node:stream';

/**
 * Where a response goes, as Node's `ServerResponse` is: to a connection of this thread's, or to the
 * thread that has the connection.
 */
export interface ResponseTarget extends Writable {
  /** Whether it is too late for another status. */
  readonly headersSent: boolean;
  /** @param headers names and values by turns */
  writeHead(status: number, headers: string[]): unknown;
  /** Sends the head before there is a body. */
  flushHeaders(): void;
  /** What follows the body, as pairs; to be called before the end. */
  addTrailers(trailers: readonly [name: string, value: string][]): void;
}
