import type { Readable } from 'node:stream';
import { codeOf } from '../error-code.ts';
import { describeError, OciError } from '../errors.ts';
import { RetryableError } from './retry.ts';

/** An answer whose body is still to be read, or to be discarded. */
export interface HttpResponse extends AsyncDisposable {
  readonly status: number;
  /** Where the answer came from, after redirects. */
  readonly url: URL;
  readonly body: Readable;
  header(name: string): string | undefined;
}

/**
 * Reads a whole body into memory.
 *
 * @throws OciError `TooLarge` as soon as there are more bytes than `limit`; RetryableError when the
 * connection breaks.
 */
export async function readBody(
  response: HttpResponse,
  limit: number,
  what: string,
): Promise<Uint8Array> {
  const announced = Number(response.header('content-length') ?? 0);
  if (announced > limit) throw tooLarge(what, `${announced} bytes are`, limit);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of bodyChunks(response.body, what)) {
    size += chunk.length;
    if (size > limit) throw tooLarge(what, 'the answer is', limit);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** The chunks of a body; a connection that breaks is an error worth another try. */
export async function* bodyChunks(body: Readable, what: string): AsyncGenerator<Uint8Array> {
  try {
    yield* body as AsyncIterable<Uint8Array>;
  } catch (cause) {
    const message = `read ${what}: the connection broke: ${describeError(cause)}`;
    // Two stalls, and it is the server rather than the connection.
    const patience = codeOf(cause) === 'UND_ERR_BODY_TIMEOUT' ? 1 / 2 : 0;
    throw new RetryableError(new OciError('RegistryUnavailable', message, { cause }), { patience });
  }
}

function tooLarge(what: string, subject: string, limit: number): OciError {
  return new OciError('TooLarge', `read ${what}: ${subject} more than the ${limit} bytes allowed`);
}
