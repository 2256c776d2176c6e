import type { IncomingMessage } from 'node:http';
import type { Field } from './fields.ts';
import type { BodySource } from './incoming-body.ts';

/** The body of a request that a server received. */
export function bodySource(request: IncomingMessage, limit: number): BodySource {
  return {
    stream: hasBody(request) ? request : undefined,
    limit,
    tooLarge: { kind: 'HTTP-request-body-size', value: undefined },
    trailers: () => pairs(request.rawTrailers),
  };
}

/** RFC 9112, 6.3: a request has a body if one of two fields says so. */
function hasBody(request: IncomingMessage): boolean {
  const { headers } = request;
  if (headers['transfer-encoding'] !== undefined) return true;
  return headers['content-length'] !== undefined && headers['content-length'] !== '0';
}

/** Node's raw fields, names and values by turns, as fields. */
function pairs(raw: readonly string[]): Field[] {
  return raw.flatMap((name, index) =>
    index % 2 === 0 ? { name, value: raw[index + 1] ?? '' } : [],
  );
}
