import type { InstancePool } from '../pool/instance-pool.ts';
import { GuestAnswers } from './guest-answers.ts';
import { RequestServer, type RequestServerInit } from './request-server.ts';

/**
 * Serves HTTP/1.1 with a component's `wasi:http/incoming-handler`, or `wasi:http/handler` of WASI
 * 0.3, in this thread.
 */
export class HttpServer extends RequestServer {
  constructor(components: { readonly pool: InstancePool }, init: RequestServerInit = {}) {
    super(new GuestAnswers(components, init), init);
  }
}
