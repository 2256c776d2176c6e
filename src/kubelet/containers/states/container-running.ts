import type { State, StateOptions } from '../../../krator/states/state.ts';
import { abortable } from '../../abortable.ts';
import { type ProbeListener, runProbes } from '../../probes/container-probes.ts';
import { runHook } from '../../probes/run-handler.ts';
import type { Container, ContainerExit } from '../../provider.ts';
import type { ContainerLife } from '../container-life.ts';
import { stopContainer } from '../stop-container.ts';
import { ContainerTerminated } from './container-terminated.ts';

export interface ContainerRunningInit {
  /** Whether an earlier life of this process started the container. */
  readonly isAdopted: boolean;
  /** Whether it passed its startup probe before. */
  readonly hasStarted: boolean;
}

/** The container's process is there: its hook runs, then its probes, until it ends. */
export class ContainerRunning implements State<ContainerLife> {
  readonly name = 'Running';
  readonly #container: Container;
  readonly #init: ContainerRunningInit;

  constructor(container: Container, init: ContainerRunningInit) {
    this.#container = container;
    this.#init = init;
  }

  async next(life: ContainerLife, { signal }: StateOptions): Promise<ContainerTerminated> {
    const over = new AbortController();
    const care = this.#care(life, AbortSignal.any([signal, over.signal]));
    try {
      const exit = await abortable(exitOf(life, this.#container), signal);
      return new ContainerTerminated(exit.exitCode, exit.finishedAt.getTime());
    } finally {
      over.abort();
      await care;
    }
  }

  async #care(life: ContainerLife, signal: AbortSignal): Promise<void> {
    const isUp = this.#init.isAdopted || (await this.#postStart(life, signal));
    if (!isUp || signal.aborted) return;
    const kills: Promise<void>[] = [];
    const listener = listenFor(life, (kill) => kills.push(kill));
    const target = { ...life.target, container: this.#container };
    const init = { target, listener, hasStarted: this.#init.hasStarted };
    await runProbes(life.pod.components.probes, init, signal);
    await unlessAborted(Promise.all(kills), signal);
  }

  /** A hook that fails ends the container, as in stock kubelets. */
  async #postStart(life: ContainerLife, signal: AbortSignal): Promise<boolean> {
    const hook = life.spec.lifecycle?.postStart;
    if (hook === undefined) return true;
    const { clock } = life.pod.components;
    const target = { ...life.target, container: this.#container };
    const sleep = (milliseconds: number) => clock.sleep(milliseconds, { signal });
    const { ok, output } = await runHook(hook, target, sleep, signal);
    if (ok || signal.aborted) return ok;
    // Of a container that is gone every hook fails, each time in other words.
    const why = this.#container.exit === undefined ? output : 'the container has ended';
    life.event('Warning', 'FailedPostStartHook', `PostStartHook failed: ${why}`);
    await unlessAborted(stopContainer(life, { message: 'FailedPostStartHook' }), signal);
    return false;
  }
}

/** Whoever ends the whole pod need not wait for a kill with a longer grace period. */
async function unlessAborted(kill: Promise<unknown>, signal: AbortSignal): Promise<void> {
  await abortable(kill, signal).catch((reason: unknown) => {
    if (!signal.aborted) throw reason;
  });
}

/** The recorded exit, so that a state after this one finds the record up to date. */
function exitOf(life: ContainerLife, container: Container): Promise<ContainerExit> {
  return life.record.ended ?? container.exited;
}

function listenFor(life: ContainerLife, onKill: (kill: Promise<void>) => void): ProbeListener {
  const { record, spec } = life;
  return {
    started() {
      record.setStarted(true);
      if (spec.readinessProbe === undefined) record.setReady(true);
    },
    ready: (isReady) => record.setReady(isReady),
    unhealthy: (kind, output) =>
      life.event('Warning', 'Unhealthy', `${kind} probe failed: ${output}`),
    failed(kind, { terminationGracePeriodSeconds: graceSeconds }) {
      const message = `Container ${spec.name} failed ${kind.toLowerCase()} probe, will be restarted`;
      const init = graceSeconds === undefined ? { message } : { message, graceSeconds };
      onKill(stopContainer(life, init));
    },
  };
}
