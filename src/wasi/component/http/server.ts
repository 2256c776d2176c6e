import type { InstancePool } from '../pool/instance-pool.ts';
import { GuestAnswers } from './guest-answers.ts';
import { bodySource } from './request-body.ts';
import { requestHead } from './request-head.ts';
import { type Answer, RequestServer, type RequestServerInit } from './request-server.ts';
import { serverDefaults } from './server-defaults.ts';

/**
 * Serves HTTP/1.1 with a component's `wasi:http/incoming-handler`, or `wasi:http/handler` of WASI
 * 0.3, in this thread.
 */
export class HttpServer extends RequestServer {
  constructor(components: { readonly pool: InstancePool }, init: RequestServerInit = {}) {
    super({ answer: answerHere(components, init) }, init);
  }
}

/** Has requests answered by a guest in this thread. */
export function answerHere(
  components: { readonly pool: InstancePool },
  { onFailure, maximumBodySize = serverDefaults.maximumBodySize }: RequestServerInit = {},
): Answer {
  const answers = new GuestAnswers(components, { onFailure });
  return (exchange) => {
    const { request, response } = exchange;
    const body = bodySource(request, maximumBodySize);
    return answers.answer({ head: requestHead(request), body, response }, (cancel) => {
      exchange.onAbort = cancel;
    });
  };
}
