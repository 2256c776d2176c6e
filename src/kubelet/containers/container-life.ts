import { rm } from 'node:fs/promises';
import { Backoff } from '../../krator/queue/backoff.ts';
import { runStates } from '../../krator/states/run-states.ts';
import type { State } from '../../krator/states/state.ts';
import type { PresentImage } from '../images/image-source.ts';
import { logFileNames } from '../logs/log-files.ts';
import type { PodContext } from '../pods/pod-context.ts';
import type { PodContainer } from '../pods/schema/container.ts';
import type { ContainerStatus } from '../pods/schema/pod-status.ts';
import type { ProbeTarget } from '../probes/probe-target.ts';
import type { Container, ContainerExit } from '../provider.ts';
import { ContainerRecord } from './container-record.ts';
import { CrashBackoff } from './crash-backoff.ts';
import { ContainerRunning } from './states/container-running.ts';
import { ContainerTerminated } from './states/container-terminated.ts';
import { ContainerWaiting } from './states/container-waiting.ts';
import { StartBackOff } from './states/start-back-off.ts';
import { terminationMessage } from './termination-message.ts';

/** One container of a pod over all its starts; what its states share. */
export class ContainerLife {
  readonly pod: PodContext;
  readonly name: string;
  readonly record: ContainerRecord;
  readonly crashes: CrashBackoff;
  /** Between tries to start that fail before there is a process. */
  readonly startFailures = new Backoff({ firstDelay: 1_000, maxDelay: 10_000 });
  readonly pullFailures = new Backoff({ firstDelay: 10_000, maxDelay: 300_000 });
  /** The image that was pulled for the first start, until it is used. */
  firstImage: PresentImage | undefined;
  readonly #kept: Container[] = [];
  #initial: State<ContainerLife> | undefined;
  #ahead: Promise<void> | undefined;
  #starting: Promise<void> | undefined;
  #stopping: Promise<void> | undefined;

  constructor(pod: PodContext, name: string) {
    this.pod = pod;
    this.name = name;
    this.record = new ContainerRecord(() => pod.changed());
    this.crashes = new CrashBackoff({ maxDelay: pod.components.settings.maxCrashBackoff });
  }

  /** The container in the newest version of the pod. */
  get spec(): PodContainer {
    const { initContainers, containers } = this.pod.manifest.current.spec;
    const found = [...initContainers, ...containers].find(({ name }) => name === this.name);
    if (found === undefined) throw new Error(`pod has no container "${this.name}" any more`);
    return found;
  }

  get target(): Omit<ProbeTarget, 'container'> {
    return { spec: this.spec, host: this.pod.podIPs[0] ?? '127.0.0.1' };
  }

  /**
   * Takes over what an earlier life of this process left: containers that run or ended, else what
   * was last reported.
   */
  restore(found: readonly Container[], reported: ContainerStatus | undefined): void {
    const neverRan = found.filter((container) => isInterruptedStart(container, reported));
    this.#kept.push(...neverRan);
    const [newest, ...older] = found
      .filter((container) => !neverRan.includes(container))
      .sort((a, b) => b.config.attempt - a.config.attempt);
    if (reported !== undefined) this.record.restore(reported, { isFound: newest !== undefined });
    if (newest === undefined) return;
    const [previous] = older;
    if (previous?.exit !== undefined) this.record.adoptEnded(previous, previous.exit);
    this.#kept.push(...older.reverse());
    const isReported = reported?.containerID?.endsWith(newest.id) === true;
    const wasStarted = isReported ? reported.started === true : true;
    const wasReady = isReported ? reported.ready : this.spec.readinessProbe === undefined;
    if (newest.exit === undefined) {
      const hasStarted = this.spec.startupProbe === undefined || wasStarted;
      this.attach(newest, { started: hasStarted, ready: wasReady });
      this.#initial = new ContainerRunning(newest, { isAdopted: true, hasStarted });
    } else {
      this.#kept.push(newest);
      this.record.adoptEnded(newest, newest.exit);
    }
  }

  /** Runs the container, again and again where its restart policy says so, until it is done. */
  async run(signal: AbortSignal): Promise<void> {
    await this.#ahead;
    const initial = this.#initial ?? this.#afterEnd() ?? new ContainerWaiting();
    this.#initial = undefined;
    await runStates<ContainerLife>(initial, this, {
      signal,
      onError: (error) => new StartBackOff(error),
    });
  }

  /**
   * Makes the first start of this one, which has begun before the container's turn. Where it fails,
   * the container is started as any other, which then says what is wrong.
   */
  startAhead(start: Promise<Container>): void {
    this.#ahead = this.start(start).then(
      (container) => {
        this.#initial = new ContainerRunning(container, { isAdopted: false, hasStarted: false });
      },
      () => undefined,
    );
    this.pod.runBeside(this.#ahead);
  }

  /** Takes on a container once its start has succeeded. Rejects where it fails. */
  start(start: Promise<Container>): Promise<Container> {
    const begun = start.then(
      (container) => {
        this.#starting = undefined;
        this.#begin(container);
        return container;
      },
      (error: unknown) => {
        this.#starting = undefined;
        this.pod.changed();
        throw error;
      },
    );
    this.#starting = begun.then(
      () => undefined,
      () => undefined, // told by who starts it
    );
    return begun;
  }

  /** Resolves when no start is on its way any more, which cannot be taken back; `undefined` where none is. */
  get starting(): Promise<void> | undefined {
    return this.#starting;
  }

  /** Has the record follow a process to its end. */
  attach(
    container: Container,
    init: { readonly started: boolean; readonly ready: boolean },
  ): Promise<ContainerExit> {
    this.#stopping = undefined;
    this.#kept.push(container);
    return this.record.run(container, this.#exitOf(container), init);
  }

  /** Runs `stop` unless the container is being stopped already; then waits for that. */
  async stopOnce(stop: () => Promise<void>): Promise<void> {
    this.#stopping ??= stop();
    await this.#stopping;
  }

  /** Whether the container is being stopped. */
  get isStopping(): boolean {
    return this.#stopping !== undefined;
  }

  /** Forgets all starts but the last two, logs included. */
  async forgetOldStarts(): Promise<void> {
    while (this.#kept.length > 2) {
      const container = this.#kept.shift();
      await container?.remove();
      const logs = container ? logFileNames(container.config.log) : [];
      await Promise.all(logs.map((file) => rm(file, { force: true })));
    }
  }

  /** Removes what the provider keeps of the container's starts. */
  async remove(): Promise<void> {
    await Promise.all(this.#kept.splice(0).map((container) => container.remove()));
  }

  /** Shows why the container could not be started this time. */
  failToStart(reason: string, message: string): void {
    this.record.wait(reason, message);
    this.pod.components.onStartFailure?.(reason);
  }

  /** Tells of something that happened to the container. */
  event(type: 'Normal' | 'Warning', reason: string, message: string): void {
    this.pod.event(type, reason, message, this.name);
  }

  #begin(container: Container): void {
    const { spec } = this;
    this.firstImage = undefined;
    this.startFailures.reset();
    this.pullFailures.reset();
    // Without hook and probes nothing is left to wait for: one status says it all.
    const started = spec.startupProbe === undefined && spec.lifecycle?.postStart === undefined;
    void this.attach(container, { started, ready: started && spec.readinessProbe === undefined });
    this.event('Normal', 'Created', 'Container created');
    this.event('Normal', 'Started', 'Container started');
  }

  #afterEnd(): State<ContainerLife> | undefined {
    const ended = this.record.observation.state.terminated;
    return ended && new ContainerTerminated(ended.exitCode, Date.parse(ended.finishedAt ?? ''));
  }

  async #exitOf(container: Container): Promise<ContainerExit> {
    const exit = await container.exited;
    const message = await terminationMessage(this.spec, container.config, exit);
    return message === undefined || message === '' ? exit : { ...exit, message };
  }
}

/** A start that the end of an earlier life of this process cut short is made again. */
function isInterruptedStart({ id, exit }: Container, reported: ContainerStatus | undefined) {
  const isReported = reported?.containerID?.endsWith(id) === true;
  return exit?.reason === 'ContainerCannotRun' && !isReported;
}
