import type { Probe } from '../pods/schema/handlers.ts';
import type { ProbeScheduler } from './probe-scheduler.ts';
import type { ProbeTarget } from './probe-target.ts';
import { runProbe } from './run-handler.ts';

export type ProbeKind = 'Startup' | 'Liveness' | 'Readiness';

/** Hears what the probes of one container find. */
export interface ProbeListener {
  /** The container has started; said at once where there is no startup probe. */
  started(): void;
  /** The container turned ready or unready. */
  ready(isReady: boolean): void;
  /** One probe failed; the container may still be within its thresholds. */
  unhealthy(kind: ProbeKind, output: string): void;
  /** The container failed so often that it has to be killed. Called at most once. */
  failed(kind: ProbeKind, probe: Probe): void;
}

export interface RunProbesInit {
  readonly target: ProbeTarget;
  readonly listener: ProbeListener;
  /** Whether the container passed its startup probe in an earlier life of this process. */
  readonly hasStarted: boolean;
}

/**
 * Probes one running container until the signal aborts or it fails: startup first, and once that
 * has succeeded, liveness and readiness side by side.
 */
export async function runProbes(
  scheduler: ProbeScheduler,
  { target, listener, hasStarted }: RunProbesInit,
  signal: AbortSignal,
): Promise<void> {
  const { startupProbe, livenessProbe, readinessProbe } = target.spec;
  const own = new AbortController();
  const inner = AbortSignal.any([signal, own.signal]);
  const watch = (kind: ProbeKind, probe: Probe) =>
    watchResults(scheduler, kind, probe, target, listener, inner);

  if (startupProbe && !hasStarted && !(await hasPassed(watch('Startup', startupProbe)))) {
    if (!inner.aborted) listener.failed('Startup', startupProbe);
    return;
  }
  if (inner.aborted) return;
  listener.started();
  await Promise.all([
    livenessProbe && keepAlive(livenessProbe),
    readinessProbe && keepReady(readinessProbe),
  ]);

  async function keepAlive(probe: Probe): Promise<void> {
    for await (const isGood of watch('Liveness', probe)) {
      if (isGood) continue;
      own.abort();
      listener.failed('Liveness', probe);
      return;
    }
  }

  async function keepReady(probe: Probe): Promise<void> {
    for await (const isGood of watch('Readiness', probe)) listener.ready(isGood);
  }
}

async function hasPassed(results: AsyncIterable<boolean>): Promise<boolean> {
  for await (const isGood of results) return isGood;
  return false;
}

/** Runs a probe every period and yields each time a threshold is reached: good or bad. */
async function* watchResults(
  scheduler: ProbeScheduler,
  kind: ProbeKind,
  probe: Probe,
  target: ProbeTarget,
  listener: ProbeListener,
  signal: AbortSignal,
): AsyncGenerator<boolean> {
  let streak = { ok: true, length: 0 };
  let next = target.container.startedAt.getTime() + probe.initialDelaySeconds * 1000;
  for (;;) {
    await scheduler.until(next, { signal });
    if (signal.aborted) return;
    next = scheduler.now() + probe.periodSeconds * 1000;
    const begun = scheduler.now();
    const { ok, output } = await runProbe(probe, target, signal);
    if (signal.aborted) return;
    const { pod, name: container } = target.container.config;
    const seconds = (scheduler.now() - begun) / 1000;
    scheduler.onProbe({ kind, pod, container, ok, seconds });
    if (!ok) listener.unhealthy(kind, output);
    streak = { ok, length: streak.ok === ok ? streak.length + 1 : 1 };
    const threshold = ok ? probe.successThreshold : probe.failureThreshold;
    if (streak.length === threshold) yield ok;
  }
}
