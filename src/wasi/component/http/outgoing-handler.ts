import { own } from '../abi/handles.ts';
import { type HostInterface, hostFunction } from '../abi/host-function.ts';
import { error, ok, option, result } from '../abi/variants.ts';
import { errorCode } from './error-code.ts';
import { FutureIncomingResponse } from './futures.ts';
import { OutgoingRequest, RequestOptions } from './messages.ts';

/** https://github.com/WebAssembly/wasi-http/blob/main/wit/handler.wit */
export const outgoingHandler: HostInterface = {
  name: 'wasi:http/outgoing-handler',
  functions: {
    handle: hostFunction(
      [own(() => OutgoingRequest), option(own(() => RequestOptions))],
      result(
        own(() => FutureIncomingResponse),
        errorCode,
      ),
      ({ world }, request, options) => {
        if (world.http === undefined) return error({ kind: 'HTTP-request-denied' });
        const abort = new AbortController();
        const response = world.http.send(request, options, { signal: abort.signal });
        return ok(new FutureIncomingResponse(response, abort));
      },
    ),
  },
};
