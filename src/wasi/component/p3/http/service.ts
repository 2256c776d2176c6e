import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Guest } from '../../abi/guest.ts';
import { GuestExit } from '../../abi/guest-trap.ts';
import { own } from '../../abi/handles.ts';
import { error, ok, type Result, result } from '../../abi/variants.ts';
import { callAsync, type ExportedFunction } from '../../async/exported-call.ts';
import { type ErrorCode, errorCode } from '../../http/error-code.ts';
import { Fields } from '../../http/fields.ts';
import type { BodySource } from '../../http/incoming-body.ts';
import { OutgoingResponse, type RequestHead } from '../../http/messages.ts';
import { methodOf } from '../../http/method.ts';
import type { ComponentInstance } from '../../link/component-instance.ts';
import { Request, Response } from './messages.ts';
import { sendBody } from './send-body.ts';

/** The export of a service of WASI 0.3. */
export const serviceInterface = 'wasi:http/handler@0.3';

const handle: ExportedFunction<Result<Response, ErrorCode>> = {
  interface: serviceInterface,
  name: 'handle',
  result: result(
    own(() => Response),
    errorCode,
  ),
};

/** Where the response of a service goes. */
interface Responder {
  respond(outcome: Result<OutgoingResponse, ErrorCode>): void;
}

/**
 * Has a service handle a request.
 *
 * @returns when the service is done, and all of its response is given to the responder; rejects as
 *   {@link callAsync} does, and where the instance is cancelled before that
 */
export async function handleRequest(
  instance: ComponentInstance,
  head: RequestHead,
  body: BodySource,
  responder: Responder,
): Promise<void> {
  let responding: Promise<void> | undefined;
  let isOver = false;
  // The call may fail while what was returned is on its way, as when the client leaves.
  const unlessOver: Responder = {
    respond(outcome) {
      if (!isOver) responder.respond(outcome);
    },
  };
  const { handles } = instance.guestOf(serviceInterface, handle.name);
  const request = handles.add(requestOf(head, body));
  const finish = async () => {
    instance.dropHandles(); // what the guest has not written by now, nobody will
    await responding;
  };
  try {
    await callAsync(instance, handle, [request], (outcome, guest) => {
      responding = respond(guest, outcome, unlessOver);
      responding.catch(() => undefined); // thrown below, unless the call has failed before
    });
    await finish();
  } catch (cause) {
    // A guest that exits with success after it has responded is done, not broken.
    if (cause instanceof GuestExit && cause.code === 0) await finish();
    throw cause;
  } finally {
    isOver = true;
  }
}

function requestOf(head: RequestHead, source: BodySource): Request {
  const request = new Request(Fields.fromRaw(head.rawHeaders), { kind: 'network', source });
  request.method = methodOf(head.method);
  request.path = head.path;
  request.scheme = head.scheme;
  request.authority = head.authority;
  return request;
}

/**
 * What the guest writes before it first waits leaves together with the head.
 *
 * @returns when all is sent that the guest wrote, or passed on; rejects where its call is cancelled
 */
async function respond(
  guest: Guest,
  outcome: Result<Response, ErrorCode>,
  responder: Responder,
): Promise<void> {
  if (outcome.kind === 'error') {
    responder.respond(outcome);
    return;
  }
  const { value: response } = outcome;
  if (response.status < 200) {
    response.drop();
    responder.respond(error({ kind: 'HTTP-protocol-error' }));
    return;
  }
  const { cancellation } = guest;
  const outgoing = new OutgoingResponse(new Fields(response.fields.entries));
  outgoing.status = response.status;
  const sent = sendBody(guest, response, outgoing);
  sent.then((transmitted) => response.transmission.settle(transmitted));
  await (response.hasContents ? Promise.race([sent, afterYield()]) : sent);
  cancellation.throwIfCancelled();
  responder.respond(ok(outgoing));
  await sent;
  cancellation.throwIfCancelled();
}

/** A guest that yields goes on in the next turn of the event loop, and may be done in it. */
async function afterYield(): Promise<void> {
  await nextTurn();
  await nextTurn();
}
