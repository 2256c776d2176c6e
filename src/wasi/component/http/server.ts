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
import { RequestServer, type RequestServerInit, serverDefaults } from './request-server.ts';
import { ResponseWriter } from './response-writer.ts';
import { ClientLeft, type Exchange, RequestTimeout } from './running-exchanges.ts';

const handlerInterface = 'wasi:http/incoming-handler';

type Handler = (head: RequestHead, body: BodySource, writer: ResponseWriter) => Promise<unknown>;

/**
 * Serves HTTP/1.1 with a component's `wasi:http/incoming-handler`, or `wasi:http/handler` of WASI
 * 0.3: every request has an instance to itself, so that a trap, an exit or a request that takes too
 * long is that request's alone.
 */
export class HttpServer extends RequestServer {
  constructor(components: { readonly pool: InstancePool }, init: RequestServerInit = {}) {
    const answers = new ComponentAnswers(components, { ...serverDefaults, ...init });
    super({ answer: (exchange) => answers.answer(exchange) }, init);
  }
}

class ComponentAnswers {
  readonly #pool: InstancePool;
  readonly #init: typeof serverDefaults & RequestServerInit;
  readonly #handlers = new WeakMap<ComponentInstance, Handler>();

  constructor(
    { pool }: { readonly pool: InstancePool },
    init: typeof serverDefaults & RequestServerInit,
  ) {
    this.#pool = pool;
    this.#init = init;
  }

  async answer(exchange: Exchange): Promise<void> {
    const writer = new ResponseWriter(exchange.response);
    let lease: Lease;
    try {
      lease = this.#pool.acquire();
    } catch (cause) {
      this.#init.onFailure?.(cause);
      writer.fail(503);
      return;
    }
    const { instance } = lease;
    exchange.onAbort = (reason) => instance.cancel(reason);
    try {
      await this.#call(instance, exchange.request, writer);
      lease.release('returned');
      if (!writer.hasResponded) writer.fail(500);
    } catch (cause) {
      lease.release('failed');
      this.#fail(writer, cause);
    }
  }

  #call(
    instance: ComponentInstance,
    request: IncomingMessage,
    writer: ResponseWriter,
  ): Promise<unknown> {
    const body = bodySource(request, this.#init.maximumBodySize);
    return this.#handler(instance)(requestHead(request), body, writer);
  }

  #handler(instance: ComponentInstance): Handler {
    const known = this.#handlers.get(instance);
    if (known !== undefined) return known;
    const made = handlerOf(instance);
    this.#handlers.set(instance, made);
    return made;
  }

  #fail(writer: ResponseWriter, cause: unknown): void {
    // A guest that exits with success after it has responded is done, not broken.
    if (cause instanceof GuestExit && cause.code === 0 && writer.hasResponded) return;
    if (!(cause instanceof ClientLeft)) this.#init.onFailure?.(cause);
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
