import { Readable } from 'node:stream';
import type { Field } from '../http/fields.ts';
import { bodyWindow, type FromThread } from './thread-messages.ts';

export interface ThreadRequestBodyInit {
  readonly id: number;
  readonly tell: (message: FromThread) => void;
}

/** A request's body that comes from the thread that has the connection, as fast as it is read. */
export class ThreadRequestBody extends Readable {
  readonly #id: number;
  readonly #tell: (message: FromThread) => void;
  #unacknowledged = 0;
  trailers: readonly Field[] = [];

  constructor({ id, tell }: ThreadRequestBodyInit) {
    super({ highWaterMark: bodyWindow });
    this.#id = id;
    this.#tell = tell;
    // A failure reaches the guest through `errored`; without a listener it would end the thread.
    this.on('error', () => undefined);
  }

  receive(chunk: Uint8Array): void {
    this.#unacknowledged += chunk.length;
    if (this.push(chunk)) this.#acknowledge();
  }

  receiveEnd(trailers: readonly Field[]): void {
    this.trailers = trailers;
    this.push(null);
  }

  /** Called by the stream when it has room. */
  override _read(): void {
    this.#acknowledge();
  }

  #acknowledge(): void {
    if (this.#unacknowledged === 0) return;
    this.#tell({ kind: 'room', id: this.#id, bytes: this.#unacknowledged });
    this.#unacknowledged = 0;
  }
}
