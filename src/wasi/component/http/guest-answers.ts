import type { IncomingMessage } from 'node:http';
import { GuestExit } from '../abi/guest-trap.ts';
import type { ComponentInstance } from '../link/component-instance.ts';
import { handleRequest, serviceInterface } from '../p3/http/service.ts';
import type { InstancePool, Lease } from '../pool/instance-pool.ts';
import type { BodySource } from './incoming-body.ts';
import { IncomingRequest, type RequestHead, ResponseOutparam } from './messages.ts';
import { RepeatedHandler } from './repeated-handler.ts';
import { bodySource } from './request-body.ts';
import { requestHead } from './request-head.ts';
import type { Answer, OnFailure } from './request-server.ts';
import { ResponseWriter } from './response-writer.ts';
import { ClientLeft, RequestTimeout } from './running-exchanges.ts';
import { serverDefaults } from './server-defaults.ts';

const handlerInterface = 'wasi:http/incoming-handler';

type Handler = (head: RequestHead, body: BodySource, writer: ResponseWriter) => Promise<unknown>;

export interface GuestAnswersInit {
  /** The most bytes of a request's body. @default 67108864 */
  readonly maximumBodySize?: number;
  /** Told of every handler that trapped, exited, took too long or gave no whole answer. */
  readonly onFailure?: OnFailure;
}

/**
 * Has guests answer requests: every request has an instance to itself, so that a trap, an exit or a
 * request that takes too long is that request's alone.
 */
export class GuestAnswers {
  readonly #pool: InstancePool;
  readonly #init: GuestAnswersInit;
  readonly #handlers = new WeakMap<ComponentInstance, Handler>();

  constructor({ pool }: { readonly pool: InstancePool }, init: GuestAnswersInit = {}) {
    this.#pool = pool;
    this.#init = init;
  }

  readonly answer: Answer = async (exchange) => {
    const { request, response } = exchange;
    const writer = new ResponseWriter(response);
    let lease: Lease;
    try {
      lease = this.#pool.acquire();
    } catch (cause) {
      this.#init.onFailure?.(cause, request);
      writer.fail(503);
      return;
    }
    const { instance } = lease;
    exchange.onAbort = (reason) => instance.cancel(reason);
    const { maximumBodySize = serverDefaults.maximumBodySize } = this.#init;
    const body = bodySource(request, maximumBodySize);
    try {
      await this.#handler(instance)(requestHead(request), body, writer);
      lease.release('returned');
      writer.returned();
      if (writer.problem) this.#init.onFailure?.(writer.problem, request);
    } catch (cause) {
      this.#fail(writer, cause, request);
      this.#giveUp(lease, request);
    }
  };

  #handler(instance: ComponentInstance): Handler {
    const known = this.#handlers.get(instance);
    if (known !== undefined) return known;
    const made = handlerOf(instance);
    this.#handlers.set(instance, made);
    return made;
  }

  /** What the guest had of the response is given up. */
  #giveUp(lease: Lease, request: IncomingMessage): void {
    try {
      lease.release('failed');
    } catch (cause) {
      this.#init.onFailure?.(cause, request);
    }
  }

  #fail(writer: ResponseWriter, cause: unknown, request: IncomingMessage): void {
    // A guest that exits with success after it has responded is done, not broken.
    if (cause instanceof GuestExit && cause.code === 0 && writer.hasResponded) return;
    if (!(cause instanceof ClientLeft)) this.#init.onFailure?.(cause, request);
    writer.fail(cause instanceof RequestTimeout ? 504 : 500);
  }
}

/** The newer of the interfaces that a component may serve with. */
function handlerOf(instance: ComponentInstance): Handler {
  if (instance.exports(serviceInterface)) {
    return (head, body, writer) => handleRequest(instance, head, body, writer);
  }
  const { handles } = instance.guestOf(handlerInterface, 'handle');
  const handle = new RepeatedHandler(instance.exported(handlerInterface, 'handle'));
  return (head, body, writer) => {
    const incoming = handles.add(new IncomingRequest(head, body));
    const outparam = handles.add(new ResponseOutparam((outcome) => writer.respond(outcome)));
    return handle.call(incoming, outparam);
  };
}
