import { connect } from 'node:net';
import type { TcpSocketAction } from '../pods/schema/handlers.ts';
import { dialError } from './dial-error.ts';
import { type HandlerResult, type ProbeTarget, portNumber } from './probe-target.ts';

/** Opens a connection and closes it: that it opens is good. */
export async function tcpProbe(
  action: TcpSocketAction,
  target: ProbeTarget,
  signal: AbortSignal,
): Promise<HandlerResult> {
  const port = portNumber(target.spec, action.port);
  if (port === undefined) return { ok: false, output: `no port is named "${action.port}"` };
  const host = action.host ?? target.host;
  const { promise, resolve, reject } = Promise.withResolvers<HandlerResult>();
  const socket = connect({ host, port, signal });
  socket.once('connect', () => resolve({ ok: true, output: '' }));
  socket.once('error', reject);
  try {
    return await promise;
  } catch (error) {
    signal.throwIfAborted();
    return { ok: false, output: dialError(error, host, port) };
  } finally {
    socket.destroy();
  }
}
