import { Duplex } from 'node:stream';
import type { SpdyHeaders } from './frame.ts';
import { SendWindow } from './send-window.ts';
import { SpdyError, streamStatus } from './spdy-error.ts';

/** What a stream needs of its connection. */
export interface StreamTransport {
  /** Sends data; `sent` is called when more may be sent. */
  sendData(streamId: number, fin: boolean, data: Buffer, sent: () => void): void;
  sendReply(streamId: number, headers: SpdyHeaders): void;
  sendReset(streamId: number, status: number): void;
  /** The stream's reader wants more. */
  resumeReading(): void;
  /** Both sides are done with the stream, or it was reset. */
  forget(streamId: number): void;
}

/** Most bytes sent in one DATA frame, so that streams of one connection take turns. */
const maxDataBytes = 64 * 1024;

const noHeaders: SpdyHeaders = new Map();

/**
 * One stream of a connection, as a Duplex: ending it closes our half, destroying it resets the
 * stream. Received bytes are held back by not reading the connection.
 */
export class SpdyStream extends Duplex {
  readonly id: number;
  readonly headers: SpdyHeaders;
  readonly window = new SendWindow();
  readonly #transport: StreamTransport;
  #localEnded = false;
  #remoteEnded = false;

  constructor(transport: StreamTransport, init: { id: number; headers: SpdyHeaders }) {
    super({ highWaterMark: 256 * 1024 });
    this.#transport = transport;
    this.id = init.id;
    this.headers = init.headers;
  }

  /** First value of a header; its name in lower case. */
  header(name: string): string | undefined {
    return this.headers.get(name)?.[0];
  }

  /** Says to the peer that the stream is taken; it sends nothing before. */
  accept(headers: SpdyHeaders = noHeaders): void {
    this.#transport.sendReply(this.id, headers);
  }

  /** Says to the peer that the stream is not taken. */
  refuse(): void {
    this.#transport.sendReset(this.id, streamStatus.REFUSED_STREAM);
    this.#endBoth();
    this.destroy();
  }

  /** Called by the connection: bytes came. */
  receive(data: Buffer, fin: boolean): void {
    if (this.#remoteEnded) return;
    if (data.length > 0) this.push(data);
    if (fin) this.receiveEnd();
  }

  /** Whether the reader is so far behind that the connection should wait for it. */
  get backlogged(): boolean {
    return !this.destroyed && this.readableLength >= this.readableHighWaterMark;
  }

  /** Called by the connection: the peer closed its half. */
  receiveEnd(): void {
    if (this.#remoteEnded) return;
    this.#remoteEnded = true;
    this.push(null);
    this.#forgetIfEnded();
  }

  /** Called by the connection: the peer reset the stream. */
  receiveReset(): void {
    this.#endBoth();
    this.destroy();
  }

  /** Called by the connection: it ended. What the peer had sent in full may still be read. */
  disconnect(): void {
    const complete = this.#remoteEnded;
    this.#endBoth();
    if (!complete) this.destroy();
  }

  override _read(): void {
    this.#transport.resumeReading();
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error) => void): void {
    this.#send(chunk, done);
  }

  override _final(done: () => void): void {
    this.#localEnded = true;
    this.#transport.sendData(this.id, true, Buffer.alloc(0), done);
    this.#forgetIfEnded();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    if (!this.#localEnded || !this.#remoteEnded) {
      this.#transport.sendReset(this.id, streamStatus.CANCEL);
      this.#endBoth();
    }
    this.#transport.resumeReading();
    done(error);
  }

  #send(chunk: Buffer, done: (error?: Error) => void): void {
    if (this.destroyed) {
      done(new SpdyError('STREAM_ALREADY_CLOSED', `write to stream ${this.id}`));
      return;
    }
    const granted = this.window.take(Math.min(chunk.length, maxDataBytes));
    if (granted === 0 && chunk.length > 0) {
      this.window.whenOpen(() => this.#send(chunk, done));
      return;
    }
    const rest = chunk.subarray(granted);
    const sent = rest.length === 0 ? done : () => this.#send(rest, done);
    this.#transport.sendData(this.id, false, chunk.subarray(0, granted), sent);
  }

  #endBoth(): void {
    this.#localEnded = true;
    this.#remoteEnded = true;
    this.#transport.forget(this.id);
  }

  #forgetIfEnded(): void {
    if (this.#localEnded && this.#remoteEnded) this.#transport.forget(this.id);
  }
}
