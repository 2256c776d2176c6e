import { type IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Answer } from '../http/request-server.ts';
import type { ThreadMemory } from './thread-memory.ts';

/** What is noted of a connection beside since when an answer is due. */
const none = 0;
const answering = -1;
const onItsWay = -2;

/** Notes which connections wait for an answer, for who has to give it when this thread cannot. */
export class RequestMarks {
  readonly #begun: Float64Array;
  readonly #beat: Float64Array;
  readonly #fds = new WeakMap<Socket, number>();

  constructor({ begun, beat }: Pick<ThreadMemory, 'begun' | 'beat'>) {
    this.#begun = begun;
    this.#beat = beat;
  }

  /** To be called for each connection that this thread takes. */
  take(socket: Socket, fd: number): void {
    this.#fds.set(socket, fd);
    this.#begun[fd] = none;
  }

  /**
   * The answer, with a note of what it is about; and of the thread that it goes on: what all requests take that are
   * answered in one round of the event loop is no sign that one computes for too long.
   */
  noting(answer: Answer): Answer {
    return async (exchange) => {
      const { socket } = exchange.request;
      this.#note(socket, this.#goOn());
      await answer(exchange);
      this.#goOn();
      this.#note(socket, none);
    };
  }

  /** Responses that note when it is too late for another. */
  responses(): typeof ServerResponse {
    const begin = (socket: Socket | null) => socket && this.#note(socket, answering);
    return class NotedResponse<R extends IncomingMessage> extends ServerResponse<R> {
      override writeHead(...args: unknown[]): this {
        begin(this.socket);
        return super.writeHead(...(args as [number])); // whatever it may be called with
      }
    };
  }

  #goOn(): number {
    const now = Date.now();
    this.#beat[0] = now;
    return now;
  }

  #note(socket: Socket, note: number): void {
    const fd = this.#fds.get(socket);
    if (fd !== undefined) this.#begun[fd] = note;
  }
}

/** To be called before a connection is sent to a thread. */
export function noteOnItsWay(begun: Float64Array, fd: number): void {
  begun[fd] = onItsWay;
}

/** Whether a thread has not taken a connection that was sent to it. */
export function isOnItsWay(begun: Float64Array, fd: number): boolean {
  return begun[fd] === onItsWay;
}

/**
 * What a client waits for whose connection a thread had that serves no more: nothing, an answer with a
 * status, or one that has begun or that another thread will give.
 */
export function waitingFor(
  begun: Float64Array,
  fd: number,
  { timeout }: { readonly timeout: number },
): 'nothing' | 'nothing to be said' | 500 | 504 {
  const since = begun[fd] ?? none;
  if (since === none) return 'nothing';
  if (since === answering || since === onItsWay) return 'nothing to be said';
  return Date.now() - since >= timeout ? 504 : 500;
}
