import { call } from '../../grpc/call.ts';
import { GrpcError, grpcCodes } from '../../grpc/grpc-error.ts';
import { integer, text } from '../../grpc/protobuf/fields.ts';
import { message } from '../../grpc/protobuf/message.ts';
import type { GrpcAction } from '../pods/schema/handlers.ts';
import type { HandlerResult, ProbeTarget } from './probe-target.ts';

const serving = 1;
const statusNames = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'];

/** https://github.com/grpc/grpc/blob/master/doc/health-checking.md */
const check = {
  path: '/grpc.health.v1.Health/Check',
  request: message({ service: text(1) }),
  response: message({ status: integer(1) }),
};

/** Asks gRPC's health service, without TLS: that it serves is good. */
export async function grpcProbe(
  { port, service }: GrpcAction,
  { host }: ProbeTarget,
  userAgent: string,
  signal: AbortSignal,
): Promise<HandlerResult> {
  try {
    const { status } = await call({ host, port }, check, { service }, { signal, userAgent });
    const name = statusNames[status] ?? status;
    return { ok: status === serving, output: `service unhealthy (responded with "${name}")` };
  } catch (error) {
    if (!(error instanceof GrpcError) || error.code === grpcCodes.unavailable) throw error;
    return { ok: false, output: `health check failed with gRPC status ${error.code}` };
  }
}
