import { Writable } from 'node:stream';
import type { ResponseTarget } from '../http/response-target.ts';
import { bodyWindow, type FromThread } from './thread-messages.ts';

export interface ThreadResponseInit {
  readonly id: number;
  readonly tell: (message: FromThread) => void;
}

/** A response whose connection another thread has. */
export class ThreadResponse extends Writable implements ResponseTarget {
  readonly #id: number;
  readonly #tell: (message: FromThread) => void;
  #head: { readonly status: number; readonly headers: string[] } = { status: 200, headers: [] };
  #headersSent = false;
  #isWhole = false;
  #isLost = false;
  #trailers: [string, string][] = [];
  /** Bytes that the network has not taken yet. */
  #onTheWay = 0;
  #goOn: (() => void) | undefined;

  constructor({ id, tell }: ThreadResponseInit) {
    super({ decodeStrings: false, highWaterMark: bodyWindow });
    this.#id = id;
    this.#tell = tell;
    // A failure reaches the guest through `errored`; without a listener it would end the thread.
    this.on('error', () => undefined);
  }

  get headersSent(): boolean {
    return this.#headersSent;
  }

  writeHead(status: number, headers: string[]): void {
    this.#head = { status, headers };
  }

  /** Whether all of it has been told. */
  get isOver(): boolean {
    return this.#isWhole || this.writableFinished || this.destroyed;
  }

  flushHeaders(): void {
    if (this.#headersSent) return;
    this.#headersSent = true;
    this.#tell({ kind: 'head', id: this.#id, ...this.#head });
  }

  addTrailers(trailers: readonly [name: string, value: string][]): void {
    this.#trailers = [...trailers];
  }

  /** Ends the response; what has not been begun leaves in one piece. */
  override end(...args: unknown[]): this {
    const [text = '', encoding = 'latin1'] = args;
    if (this.#headersSent || typeof text !== 'string' || encoding !== 'latin1') {
      return super.end(...(args as [])); // the ways in which a stream can be ended
    }
    this.#headersSent = true;
    this.#isWhole = true;
    this.#tell({ kind: 'whole', id: this.#id, ...this.#head, text });
    return super.end();
  }

  /** The network has taken bytes: there is room for more. */
  taken(bytes: number): void {
    this.#onTheWay -= bytes;
    if (this.#onTheWay > bodyWindow) return;
    const goOn = this.#goOn;
    this.#goOn = undefined;
    goOn?.(); // which may write the next chunk, and wait again
  }

  /** There is nobody any more who would read it. */
  lose(): void {
    this.#isLost = true;
    this.destroy();
  }

  override _write(chunk: Uint8Array | string, encoding: BufferEncoding, goOn: () => void): void {
    this.flushHeaders();
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk;
    this.#onTheWay += bytes.length;
    // A copy: all of the memory that it is a part of would be sent along.
    this.#tell({ kind: 'chunk', id: this.#id, chunk: new Uint8Array(bytes) });
    if (this.#onTheWay > bodyWindow) this.#goOn = goOn;
    else goOn();
  }

  override _final(goOn: () => void): void {
    if (!this.#isWhole) {
      this.flushHeaders();
      this.#tell({ kind: 'finish', id: this.#id, trailers: this.#trailers });
    }
    goOn();
  }

  override _destroy(failure: Error | null, goOn: (failure: Error | null) => void): void {
    if (!this.writableFinished && !this.#isLost) this.#tell({ kind: 'cut', id: this.#id });
    goOn(failure);
  }
}
