import { type ErrorCode, HttpFailure } from './error-code.ts';

/** wasi:http's error codes for the codes of undici's and the system's errors. */
const codes: Readonly<Record<string, ErrorCode>> = {
  ECONNREFUSED: { kind: 'connection-refused' },
  ECONNRESET: { kind: 'connection-terminated' },
  EPIPE: { kind: 'connection-terminated' },
  UND_ERR_SOCKET: { kind: 'connection-terminated' },
  UND_ERR_ABORTED: { kind: 'connection-terminated' },
  ETIMEDOUT: { kind: 'connection-timeout' },
  UND_ERR_CONNECT_TIMEOUT: { kind: 'connection-timeout' },
  UND_ERR_HEADERS_TIMEOUT: { kind: 'HTTP-response-timeout' },
  UND_ERR_BODY_TIMEOUT: { kind: 'connection-read-timeout' },
  UND_ERR_HEADERS_OVERFLOW: { kind: 'HTTP-response-header-section-size', value: undefined },
  EHOSTUNREACH: { kind: 'destination-unavailable' },
  ENETUNREACH: { kind: 'destination-IP-unroutable' },
  EAI_AGAIN: { kind: 'DNS-timeout' },
  ENOTFOUND: {
    kind: 'DNS-error',
    value: { rcode: 'NXDOMAIN', infoCode: undefined },
  },
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: { kind: 'HTTP-protocol-error' },
  UND_ERR_REQ_CONTENT_LENGTH_MISMATCH: { kind: 'HTTP-request-body-size', value: undefined },
};

/** An error of undici's as the guest is told of it. */
export function failureOf(cause: unknown): HttpFailure {
  const known = causes(cause).find((error) => error instanceof HttpFailure);
  if (known instanceof HttpFailure) return known;
  return new HttpFailure(errorCode(cause), { cause });
}

function errorCode(cause: unknown): ErrorCode {
  for (const error of causes(cause)) {
    const code = 'code' in error ? String(error.code) : '';
    const known = codes[code];
    if (known !== undefined) return known;
    // undici's own parser gives its errors no codes.
    if (code.startsWith('HPE_') || error.name === 'HTTPParserError')
      return { kind: 'HTTP-protocol-error' };
    if (code.includes('CERT') || code.includes('SELF_SIGNED')) {
      return { kind: 'TLS-certificate-error' };
    }
    if (code.startsWith('ERR_SSL') || code.startsWith('ERR_TLS')) {
      return { kind: 'TLS-protocol-error' };
    }
  }
  return { kind: 'internal-error', value: String(cause) };
}

/** An error, what caused it, and what caused that; of several attempts, each. */
function causes(error: unknown): Error[] {
  const found: Error[] = [];
  const waiting: unknown[] = [error];
  while (waiting.length > 0 && found.length < 16) {
    const next = waiting.shift();
    if (!(next instanceof Error)) continue;
    found.push(next);
    waiting.push(next.cause);
    if (next instanceof AggregateError) waiting.push(...next.errors);
  }
  return found;
}
