import { connect, constants } from 'node:http2';
import type { GrpcAction } from '../pods/schema/handlers.ts';
import type { HandlerResult, ProbeTarget } from './probe-target.ts';

const serving = 1;
const statusNames = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'];

/**
 * Asks gRPC's health service, without TLS: that it serves is good.
 * https://github.com/grpc/grpc/blob/master/doc/health-checking.md
 */
export async function grpcProbe(
  { port, service }: GrpcAction,
  { host }: ProbeTarget,
  userAgent: string,
  signal: AbortSignal,
): Promise<HandlerResult> {
  const { promise, resolve, reject } = Promise.withResolvers<HandlerResult>();
  const session = connect(`http://${host.includes(':') ? `[${host}]` : host}:${port}`);
  const abort = () => reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  session.on('error', reject);
  const request = session.request({
    [constants.HTTP2_HEADER_METHOD]: 'POST',
    [constants.HTTP2_HEADER_PATH]: '/grpc.health.v1.Health/Check',
    'content-type': 'application/grpc',
    'user-agent': userAgent,
    te: 'trailers',
  });
  const chunks: Buffer[] = [];
  let grpcStatus: unknown;
  request.on('response', (headers) => {
    grpcStatus = headers['grpc-status'];
  });
  request.on('trailers', (trailers) => {
    grpcStatus = trailers['grpc-status'];
  });
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('error', reject);
  request.on('end', () => resolve(resultOf(Buffer.concat(chunks), grpcStatus)));
  request.end(healthCheckRequest(service));
  try {
    return await promise;
  } finally {
    signal.removeEventListener('abort', abort);
    session.destroy();
  }
}

/** A gRPC frame with `message HealthCheckRequest { string service = 1; }`. */
function healthCheckRequest(service: string): Buffer {
  const name = Buffer.from(service);
  const message =
    name.length === 0 ? name : Buffer.concat([Buffer.from([0x0a, ...varint(name.length)]), name]);
  const frame = Buffer.alloc(5);
  frame.writeUInt32BE(message.length, 1);
  return Buffer.concat([frame, message]);
}

function varint(value: number): readonly number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)];
}

/** Reads `message HealthCheckResponse { ServingStatus status = 1; }` from its frame. */
function resultOf(body: Buffer, grpcStatus: unknown): HandlerResult {
  if (String(grpcStatus) !== '0') {
    return { ok: false, output: `health check failed with gRPC status ${String(grpcStatus)}` };
  }
  const status = body.length >= 7 && body[5] === 0x08 ? (body[6] ?? 0) : 0;
  const ok = status === serving;
  return { ok, output: `service unhealthy (responded with "${statusNames[status] ?? status}")` };
}
