import { own } from '../../abi/handles.ts';
import type { HostInterface } from '../../abi/host-function.ts';
import { error, ok, type Result, result } from '../../abi/variants.ts';
import { asyncFunction, type HostCall } from '../../async/async-function.ts';
import { type ErrorCode, errorCode } from '../../http/error-code.ts';
import { Fields } from '../../http/fields.ts';
import { errorCodeOf } from '../../http/futures.ts';
import { type IncomingResponse, OutgoingRequest } from '../../http/messages.ts';
import { Request, Response } from './messages.ts';
import { sendBody } from './send-body.ts';

/** https://github.com/WebAssembly/WASI/blob/main/proposals/http/wit/worlds.wit */
export const client: HostInterface = {
  name: 'wasi:http/client@0.3',
  functions: {
    send: asyncFunction(
      [own(() => Request)],
      result(
        own(() => Response),
        errorCode,
      ),
      send,
    ),
  },
};

async function send(call: HostCall, request: Request): Promise<Result<Response, ErrorCode>> {
  const { http } = call.guest.world;
  const outgoing = outgoingRequest(request);
  if (http === undefined || outgoing === undefined) {
    request.drop();
    return error({ kind: http ? 'HTTP-request-URI-invalid' : 'HTTP-request-denied' });
  }
  const transmitted = sendBody(call.guest, request, outgoing);
  try {
    const response = await http.send(outgoing, request.options, { signal: call.signal });
    transmitted.then((outcome) => request.transmission.settle(outcome));
    return ok(responseOf(response));
  } catch (cause) {
    const code = errorCodeOf(cause);
    request.transmission.fail(code);
    return error(code);
  }
}

/** The request as 0.2 has it, which is what is sent; undefined where it has no path to send. */
function outgoingRequest(request: Request): OutgoingRequest | undefined {
  const path = request.path?.replace(/^\?/, '/?');
  if (path !== undefined && !path.startsWith('/') && path !== '*') return undefined;
  const outgoing = new OutgoingRequest(new Fields(request.fields.entries));
  outgoing.method = request.method;
  outgoing.path = path;
  outgoing.scheme = request.scheme;
  outgoing.authority = request.authority;
  return outgoing;
}

function responseOf(incoming: IncomingResponse): Response {
  const response = new Response(new Fields(incoming.headers().entries), {
    kind: 'network',
    source: incoming.body,
  });
  response.status = incoming.status;
  return response;
}
