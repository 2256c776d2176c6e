import { runHook } from '../probes/run-handler.ts';
import type { Container } from '../provider.ts';
import type { ContainerLife } from './container-life.ts';

/** What is left to a container whose preStop hook took all of its grace period. */
const leastGraceSeconds = 2;

export interface StopContainerInit {
  /** What the Killing event says. */
  readonly message: string;
  /** @default the pod's terminationGracePeriodSeconds */
  readonly graceSeconds?: number;
}

/**
 * Ends a container: its preStop hook first, then a signal to end, then by force when the grace
 * period is over. Resolves when the end is recorded; at once where nothing runs. Called again, it
 * may only shorten the grace.
 */
export async function stopContainer(life: ContainerLife, init: StopContainerInit): Promise<void> {
  const { running, ended } = life.record;
  if (running === undefined) return;
  const graceSeconds =
    init.graceSeconds ?? life.pod.manifest.current.spec.terminationGracePeriodSeconds;
  if (life.isStopping) {
    await Promise.all([running.stop(graceSeconds), ended]);
    return;
  }
  await life.stopOnce(async () => {
    life.event('Normal', 'Killing', init.message);
    const left = await runPreStop(life, running, graceSeconds);
    await running.stop(left);
    await ended;
  });
}

/** Runs the hook within the grace period and says how many seconds are left of it. */
async function runPreStop(
  life: ContainerLife,
  container: Container,
  graceSeconds: number,
): Promise<number> {
  const hook = life.spec.lifecycle?.preStop;
  if (hook === undefined || graceSeconds === 0) return graceSeconds;
  const { clock } = life.pod.components;
  const startedAt = clock.now();
  const signal = AbortSignal.any([
    AbortSignal.timeout(graceSeconds * 1000),
    endedSignal(container),
  ]);
  const sleep = (milliseconds: number) => clock.sleep(milliseconds, { signal });
  const target = { ...life.target, container };
  const { ok, output } = await runHook(hook, target, sleep, signal);
  if (!ok && container.exit === undefined) {
    life.event('Warning', 'FailedPreStopHook', `PreStopHook failed: ${output}`);
  }
  const took = Math.max(clock.now() - startedAt, 0) / 1000;
  return Math.max(graceSeconds - took, leastGraceSeconds);
}

/** Aborts when the container has ended by itself: there is nothing to wait for then. */
function endedSignal(container: Container): AbortSignal {
  const ended = new AbortController();
  void container.exited.then(() => ended.abort());
  return ended.signal;
}
