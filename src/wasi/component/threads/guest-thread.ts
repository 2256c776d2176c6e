import type { MessagePort } from 'node:worker_threads';
import { GuestAnswers } from '../http/guest-answers.ts';
import type { BodySource } from '../http/incoming-body.ts';
import { ClientLeft, RequestTimeout } from '../http/running-exchanges.ts';
import type { InstancePool } from '../pool/instance-pool.ts';
import type { FromThread, ToThread } from './thread-messages.ts';
import { ThreadRequestBody } from './thread-request-body.ts';
import { ThreadResponse } from './thread-response.ts';

export interface GuestThreadComponents {
  /** Leads to the `ThreadClient`. */
  readonly port: MessagePort;
  readonly pool: InstancePool;
  /** What is said of a request that failed. */
  readonly describe: (failure: unknown) => readonly string[];
}

export interface GuestThreadInit {
  /** The most bytes of a request's body. */
  readonly maximumBodySize: number;
}

interface Running {
  readonly body: ThreadRequestBody | undefined;
  readonly response: ThreadResponse;
  cancel: ((reason: Error) => void) | undefined;
}

type Request = Extract<ToThread, { kind: 'request' }>;

/** Answers requests in a thread that has no connections: they are handed to it, and their bodies. */
export class GuestThread {
  readonly #port: MessagePort;
  readonly #answers: GuestAnswers;
  readonly #init: GuestThreadInit;
  readonly #running = new Map<number, Running>();

  constructor({ port, pool, describe }: GuestThreadComponents, init: GuestThreadInit) {
    this.#port = port;
    this.#init = init;
    const onFailure = (failure: unknown) =>
      this.#tell({ kind: 'failure', lines: describe(failure) });
    this.#answers = new GuestAnswers({ pool }, { onFailure });
  }

  /** Begins to take requests, for as long as the thread is there. */
  start(): void {
    this.#port.on('message', (message: ToThread) => this.#take(message));
    this.#tell({ kind: 'ready' });
  }

  readonly #tell = (message: FromThread): void => this.#port.postMessage(message);

  #take(message: ToThread): void {
    if (message.kind === 'request') void this.#answer(message);
    else this.#goOn(message);
  }

  async #answer({ id, head, hasBody }: Request): Promise<void> {
    const init = { id, tell: this.#tell };
    const body = hasBody ? new ThreadRequestBody(init) : undefined;
    const running: Running = { body, response: new ThreadResponse(init), cancel: undefined };
    this.#running.set(id, running);
    const { response } = running;
    await this.#answers.answer({ head, body: this.#sourceOf(body), response }, (cancel) => {
      running.cancel = cancel;
    });
    const over = response.isOver;
    this.#tell({ kind: 'done', id, over });
    if (over) this.#running.delete(id);
    else response.once('close', () => this.#forget(id));
  }

  #forget(id: number): void {
    this.#running.delete(id);
    this.#tell({ kind: 'over', id });
  }

  #sourceOf(body: ThreadRequestBody | undefined): BodySource {
    return {
      stream: body,
      limit: this.#init.maximumBodySize,
      tooLarge: { kind: 'HTTP-request-body-size', value: undefined },
      trailers: () => body?.trailers ?? [],
    };
  }

  /** Requests that are done are still heard of for a while. */
  #goOn(message: Exclude<ToThread, Request>): void {
    const running = this.#running.get(message.id);
    if (running === undefined) return;
    switch (message.kind) {
      case 'body':
        running.body?.receive(message.chunk);
        return;
      case 'body-end':
        running.body?.receiveEnd(message.trailers);
        return;
      case 'body-lost':
        running.body?.destroy(new Error('The client left'));
        return;
      case 'taken':
        running.response.taken(message.bytes);
        return;
      case 'abort':
        abort(running, message.reason);
        return;
      default:
        message satisfies never;
    }
  }
}

function abort({ response, cancel }: Running, reason: 'client-left' | 'timeout'): void {
  if (reason === 'timeout') {
    cancel?.(new RequestTimeout('The request took too long'));
    return;
  }
  response.lose();
  cancel?.(new ClientLeft('The client went away'));
}
