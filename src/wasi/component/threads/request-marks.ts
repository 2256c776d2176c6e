import { type IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Answer } from '../http/request-server.ts';
import { steadyTime } from './steady-time.ts';
import type { ThreadMemory } from './thread-memory.ts';

/** What is noted of a connection beside since when an answer is due. */
const none = 0;
const answering = -1;
const onItsWay = -2;

interface Connection {
  readonly fd: number;
  /** Requests that wait for an answer, or have no whole one. */
  requests: number;
}

/** Notes which connections wait for an answer, for who has to give it when this thread cannot. */
export class RequestMarks {
  readonly #begun: Float64Array;
  readonly #beat: Float64Array;
  readonly #connections = new WeakMap<Socket, Connection>();

  constructor({ begun, beat }: Pick<ThreadMemory, 'begun' | 'beat'>) {
    this.#begun = begun;
    this.#beat = beat;
  }

  /** To be called for each connection that this thread takes. */
  take(socket: Socket, fd: number): void {
    this.#connections.set(socket, { fd, requests: 0 });
    this.#begun[fd] = none;
  }

  /**
   * The answer, with a note of what it is about; and of the thread that it goes on: what all requests take that are
   * answered in one round of the event loop is no sign that one computes for too long.
   */
  noting(answer: Answer): Answer {
    return async (exchange) => {
      const { request, response } = exchange;
      const connection = this.#connections.get(request.socket);
      this.#begin(connection);
      await answer(exchange);
      this.#goOn();
      if (response.writableFinished) this.#end(connection);
      else response.once('close', () => this.#end(connection));
    };
  }

  /** Responses that note when it is too late for another. */
  responses(): typeof ServerResponse {
    const begin = (socket: Socket | null) => {
      const connection = socket && this.#connections.get(socket);
      if (connection) this.#begun[connection.fd] = answering;
    };
    return class NotedResponse<R extends IncomingMessage> extends ServerResponse<R> {
      override writeHead(...args: unknown[]): this {
        begin(this.socket);
        return super.writeHead(...(args as [number])); // whatever it may be called with
      }
    };
  }

  #begin(connection: Connection | undefined): void {
    const now = this.#goOn();
    if (connection === undefined) return;
    connection.requests += 1;
    this.#begun[connection.fd] = now;
  }

  #end(connection: Connection | undefined): void {
    if (connection === undefined) return;
    connection.requests -= 1;
    this.#begun[connection.fd] = connection.requests === 0 ? none : steadyTime();
  }

  #goOn(): number {
    const now = steadyTime();
    this.#beat[0] = now;
    return now;
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
  return steadyTime() - since >= timeout ? 504 : 500;
}
