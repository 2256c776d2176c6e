import type { Readable } from 'node:stream';
import { OciError } from '../errors.ts';

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
 * @throws OciError `TooLarge` as soon as there are more bytes than `limit`.
 */
export async function readBody(
  response: HttpResponse,
  limit: number,
  what: string,
): Promise<Uint8Array> {
  const tooLarge = (size: string) =>
    new OciError('TooLarge', `read ${what}: ${size} is more than the ${limit} bytes allowed`);
  const announced = Number(response.header('content-length') ?? 0);
  if (announced > limit) throw tooLarge(`${announced} bytes`);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > limit) throw tooLarge('the answer');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
