import { messageOf } from '../../kubernetes/message-of.ts';
import { abortable } from '../abortable.ts';
import type { LifecycleHandler, Probe } from '../pods/schema/handlers.ts';
import { execProbe } from './exec-probe.ts';
import { grpcProbe } from './grpc-probe.ts';
import { httpProbe } from './http-probe.ts';
import type { HandlerResult, ProbeTarget } from './probe-target.ts';
import { tcpProbe } from './tcp-probe.ts';

const probeAgent = 'kube-probe/1.37';
const hookAgent = 'kube-lifecycle/1.37';

/**
 * Runs a probe's handler once. Never throws: what goes wrong is a failure. Its time is over when
 * it is over, whatever the handler still waits for.
 */
export async function runProbe(probe: Probe, target: ProbeTarget, outer: AbortSignal) {
  const timeout = AbortSignal.timeout(probe.timeoutSeconds * 1000);
  const signal = AbortSignal.any([outer, timeout]);
  try {
    return await abortable(handle(probe, target, probeAgent, signal), signal);
  } catch (error) {
    const late = `timed out after ${probe.timeoutSeconds}s`;
    return { ok: false, output: timeout.aborted ? late : messageOf(error) };
  }
}

/** Runs a lifecycle hook until the signal aborts. Never throws: what goes wrong is a failure. */
export async function runHook(
  hook: LifecycleHandler,
  target: ProbeTarget,
  sleep: (milliseconds: number) => Promise<void>,
  signal: AbortSignal,
): Promise<HandlerResult> {
  try {
    if (hook.sleep) {
      await sleep(hook.sleep.seconds * 1000);
      return { ok: true, output: '' };
    }
    return await abortable(handle(hook, target, hookAgent, signal), signal);
  } catch (error) {
    return { ok: false, output: messageOf(error) };
  }
}

async function handle(
  handler: Pick<Probe, 'exec' | 'httpGet' | 'tcpSocket' | 'grpc'>,
  target: ProbeTarget,
  userAgent: string,
  signal: AbortSignal,
): Promise<HandlerResult> {
  if (handler.exec) return execProbe(handler.exec, target, signal);
  if (handler.httpGet) return httpProbe(handler.httpGet, target, userAgent, signal);
  if (handler.tcpSocket) return tcpProbe(handler.tcpSocket, target, signal);
  if (handler.grpc) return grpcProbe(handler.grpc, target, userAgent, signal);
  return { ok: true, output: '' };
}
