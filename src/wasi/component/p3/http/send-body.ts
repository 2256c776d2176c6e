import type { Guest } from '../../abi/guest.ts';
import { uncatchable } from '../../abi/uncatchable.ts';
import { error, ok, type Result } from '../../abi/variants.ts';
import { writeBytes } from '../../async/byte-streams.ts';
import { stopReading, takeValue } from '../../async/host-reader.ts';
import type { ErrorCode } from '../../http/error-code.ts';
import { errorCodeOf } from '../../http/futures.ts';
import type { OutgoingBody } from '../../http/outgoing-body.ts';
import type { Cancellation } from '../../io/cancellation.ts';
import type { Trailers } from './body.ts';
import type { Request, Response } from './messages.ts';

/** A message of 0.2 that is going to be sent. */
interface Carrier {
  readonly body: OutgoingBody | undefined;
  takeBody(): OutgoingBody | undefined;
}

/**
 * Sends the body of a guest's message, and then its trailers, as the body of one of 0.2. A message
 * without contents gets a body only for the sake of its trailers, after they are known.
 *
 * @returns how it ended, once it has; does not reject: where the guest passes what is no such value,
 *   its call is ended as by a trap; where that call is cancelled, the message is given up
 */
export async function sendBody(
  guest: Guest,
  message: Request | Response,
  carrier: Carrier,
): Promise<Result<undefined, ErrorCode>> {
  const { cancellation } = guest; // that of this call, which may be over by then
  try {
    return await send(guest, message, carrier, cancellation);
  } catch (cause) {
    cancellation.cancel(uncatchable(cause));
    (carrier.body ?? carrier.takeBody())?.drop();
    return error({ kind: 'internal-error', value: undefined });
  }
}

async function send(
  guest: Guest,
  message: Request | Response,
  carrier: Carrier,
  cancellation: Cancellation,
): Promise<Result<undefined, ErrorCode>> {
  const { hasContents } = message;
  const { contents, trailers } = message.consume(guest);
  const forget = cancellation.onCancel(() => stopReading(trailers));
  try {
    const body = hasContents ? carrier.takeBody() : undefined;
    const stream = body?.stream();
    if (stream === undefined) contents.dropReader();
    const written = stream ? await writeBytes(guest, contents, stream, errorCodeOf) : ok(undefined);
    const given = written.kind === 'ok' ? await takeValue(trailers) : undefined;
    cancellation.throwIfCancelled();
    if (written.kind === 'ok') return finish(carrier, body, given ?? ok(undefined));
    body?.drop();
    return written;
  } finally {
    forget();
    trailers.dropReader();
  }
}

function finish(
  carrier: Carrier,
  body: OutgoingBody | undefined,
  trailers: Trailers,
): Result<undefined, ErrorCode> {
  if (trailers.kind === 'error') {
    (body ?? carrier.takeBody())?.drop();
    return error(trailers.error);
  }
  const fields = trailers.value?.entries ?? [];
  const ending = body ?? (fields.length > 0 ? carrier.takeBody() : undefined);
  return ending?.finish(fields) ?? ok(undefined);
}
