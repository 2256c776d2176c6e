import { hasBody, pairs } from '../http/request-body.ts';
import { type Exchange, RequestTimeout } from '../http/running-exchanges.ts';
import { bodyWindow, type FromThread, type ToThread } from './thread-messages.ts';

/** Milliseconds in which a thread has to give up a request whose time is up. */
const grace = 1000;

export interface ThreadExchangeComponents {
  readonly exchange: Exchange;
  readonly tell: (message: ToThread) => void;
}

export interface ThreadExchangeInit {
  readonly id: number;
  /** Called when the guest is done with the request. */
  readonly done: () => void;
  /** Called after that, when there is nothing more to come of it. */
  readonly over: () => void;
  /** Called when the thread does not give up a request whose time is up: its guest computes. */
  readonly stuck: () => void;
}

type AboutExchange = Extract<FromThread, { id: number }>;

/** A request that a thread answers, at the end where the connection is. */
export class ThreadExchange {
  readonly hasBody: boolean;
  readonly #exchange: Exchange;
  readonly #tell: (message: ToThread) => void;
  readonly #init: ThreadExchangeInit;
  #room = bodyWindow;
  #grace: NodeJS.Timeout | undefined;

  constructor({ exchange, tell }: ThreadExchangeComponents, init: ThreadExchangeInit) {
    this.#exchange = exchange;
    this.#tell = tell;
    this.#init = init;
    this.hasBody = hasBody(exchange.request);
    exchange.onAbort = (reason) => this.#abort(reason instanceof RequestTimeout);
  }

  /** Begins to send the request's body, if there is one. */
  sendBody(): void {
    if (!this.hasBody) return;
    const { request } = this.#exchange;
    request.on('data', this.#sendChunk);
    request.once('end', this.#sendEnd);
    request.once('close', this.#sendLoss);
  }

  take(message: AboutExchange): void {
    const { response } = this.#exchange;
    switch (message.kind) {
      case 'whole':
        if (response.headersSent) return; // it was too late
        response.writeHead(message.status, message.headers);
        // As a string, head and body are one write to the socket.
        response.end(message.text, 'latin1');
        return;
      case 'head':
        if (response.headersSent) return;
        response.writeHead(message.status, message.headers);
        response.flushHeaders();
        return;
      case 'chunk':
        this.#write(message.chunk);
        return;
      case 'finish':
        if (response.writableEnded) return;
        if (message.trailers.length > 0) response.addTrailers(message.trailers);
        response.end();
        return;
      case 'cut':
        response.destroy();
        return;
      case 'room':
        this.#room += message.bytes;
        if (this.#room > 0) this.#exchange.request.resume();
        return;
      case 'done':
        this.#end();
        if (message.over) this.#init.over();
        return;
      case 'over':
        this.#init.over();
        return;
      default:
        message satisfies never;
    }
  }

  /** The thread has ended with this request in it. */
  lose(): void {
    this.#fail(500);
    this.#end();
    this.#init.over();
  }

  #end(): void {
    clearTimeout(this.#grace);
    if (this.hasBody) this.#stopReading();
    this.#init.done();
  }

  /** What the guest did not want is read and forgotten: the next request comes behind it. */
  #stopReading(): void {
    const { request } = this.#exchange;
    request.off('data', this.#sendChunk).off('end', this.#sendEnd).off('close', this.#sendLoss);
    request.resume();
  }

  #write(chunk: Uint8Array): void {
    const { id } = this.#init;
    const { response } = this.#exchange;
    const taken = () => this.#tell({ kind: 'taken', id, bytes: chunk.length });
    if (response.writableEnded) taken();
    else response.write(chunk, taken);
  }

  #fail(status: number): void {
    const { response } = this.#exchange;
    if (response.writableEnded) return;
    if (response.headersSent) response.destroy();
    else response.writeHead(status, ['content-length', '0']).end();
  }

  #abort(isTimeout: boolean): void {
    const { id, stuck } = this.#init;
    this.#tell({ kind: 'abort', id, reason: isTimeout ? 'timeout' : 'client-left' });
    if (!isTimeout) return;
    this.#grace = setTimeout(() => {
      this.#fail(504);
      stuck();
    }, grace).unref();
  }

  readonly #sendChunk = (chunk: Uint8Array): void => {
    this.#room -= chunk.length;
    if (this.#room <= 0) this.#exchange.request.pause();
    // A copy: all of the memory that it is a part of would be sent along.
    this.#tell({ kind: 'body', id: this.#init.id, chunk: new Uint8Array(chunk) });
  };

  readonly #sendEnd = (): void => {
    const trailers = pairs(this.#exchange.request.rawTrailers);
    this.#tell({ kind: 'body-end', id: this.#init.id, trailers });
  };

  readonly #sendLoss = (): void => {
    if (!this.#exchange.request.readableEnded) {
      this.#tell({ kind: 'body-lost', id: this.#init.id });
    }
  };
}
