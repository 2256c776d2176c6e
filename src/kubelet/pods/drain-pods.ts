import type { Clock } from '../../kubernetes/clock.ts';
import type { PodContext } from './pod-context.ts';
import { stopContainers } from './stop-containers.ts';

/** From this priority on a pod is critical to the node or the cluster. */
const criticalPriority = 2_000_000_000;

/** As stock kubelets say it when a node shuts down. */
const shutdown = {
  reason: 'Terminated',
  message: 'Pod was terminated in response to imminent node shutdown.',
  isDisruption: true,
} as const;

export interface DrainPodsInit {
  readonly clock: Clock;
  /** Time for all pods to end; critical ones get what the others leave, at least a third of it. */
  readonly graceSeconds: number;
}

/**
 * Ends all pods as the node stops, critical ones last. Resolves when their last statuses are
 * written, or the time is up.
 */
export async function drainPods(
  contexts: readonly PodContext[],
  { clock, graceSeconds }: DrainPodsInit,
): Promise<void> {
  const deadline = clock.now() + graceSeconds * 1000;
  const [critical, ordinary] = [
    contexts.filter(isCritical),
    contexts.filter((pod) => !isCritical(pod)),
  ];
  const reserved = critical.length === 0 ? 0 : (graceSeconds * 1000) / 3;
  await endAll(ordinary, deadline - reserved, clock);
  await endAll(critical, deadline, clock);
}

function isCritical({ manifest }: PodContext): boolean {
  return (manifest.current.spec.priority ?? 0) >= criticalPriority;
}

async function endAll(contexts: readonly PodContext[], deadline: number, clock: Clock) {
  const timeUp = new AbortController();
  const alarm = clock.sleep(Math.max(0, deadline - clock.now()), timeUp).then(
    () => timeUp.abort(),
    () => undefined, // All ended before.
  );
  await Promise.all(contexts.map((context) => end(context, deadline, clock, timeUp.signal)));
  timeUp.abort();
  await alarm;
}

async function end(context: PodContext, deadline: number, clock: Clock, timeUp: AbortSignal) {
  if (!context.isTerminal) context.fail(shutdown);
  const own = context.manifest.current.spec.terminationGracePeriodSeconds;
  const left = Math.max(0, (deadline - clock.now()) / 1000);
  await stopContainers(context, Math.min(own, left));
  await context.status.flush(timeUp);
}
