import type { IncomingResponse, OutgoingRequest, RequestOptions } from './messages.ts';

/** Sends requests on behalf of a guest. */
export interface OutgoingHttp {
  /**
   * Sends a request and resolves with the head of its response, the body still to come.
   *
   * @throws {HttpFailure} with wasi:http's error code, also where the policy refuses it
   */
  send(
    request: OutgoingRequest,
    options: RequestOptions | undefined,
    init: { signal: AbortSignal },
  ): Promise<IncomingResponse>;
}
