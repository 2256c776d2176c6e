import type { Writable } from 'node:stream';
import type { Clock } from './clock.ts';
import type { ContainerSpec } from './container-spec.ts';
import type { ContainerStarter } from './container-starter.ts';
import { RuntimeError } from './errors.ts';
import { endProgramsBeside } from './exec/end-programs-beside.ts';
import type { ExecRequest, ExecStreams, TerminalSize } from './exec/exec-request.ts';
import { runBeside } from './exec/run-beside.ts';
import type { ContainerResources } from './limits/container-resources.ts';
import { mendLog } from './log/mend-log.ts';
import { saveLogTail } from './log/save-log-tail.ts';
import type { ContainerProcess } from './process/container-process.ts';
import { openStdin } from './process/open-stdin.ts';
import { resizeTerminal } from './process/resize-terminal.ts';
import { containerFiles, removeContainerDirectory } from './state/container-directory.ts';
import type { ExitRecord } from './state/exit-record.ts';
import { type ContainerUsage, containerUsage } from './usage/container-usage.ts';
import { MemoryMeter } from './usage/memory-meter.ts';

export interface AbortOptions {
  readonly signal?: AbortSignal | undefined;
}

export interface RunningContainerComponents {
  readonly starter: ContainerStarter;
  readonly resources: ContainerResources;
  readonly clock: Clock;
  /** Called when the container has been removed. */
  readonly removed: () => void;
}

export interface RunningContainerInit {
  readonly spec: ContainerSpec;
  readonly directory: string;
  /** How far the container is: its process, or its end. */
  readonly life: ContainerProcess | ExitRecord;
}

/** A container that was started, by this process or an earlier life of it; it may have ended. */
export class RunningContainer implements Disposable {
  readonly spec: ContainerSpec;
  readonly startedAt: Date;
  /**
   * Resolves when the container has ended, however it ended. Rejects only where the runtime is
   * disposed of before, or the exit record on disk is damaged.
   */
  readonly exited: Promise<ExitRecord>;
  readonly #components: RunningContainerComponents;
  readonly #directory: string;
  /** Of the programs that run beside the container. */
  readonly #programEnds = new Set<Promise<unknown>>();
  readonly #meter = new MemoryMeter();
  readonly #process: ContainerProcess | undefined;
  #exit: ExitRecord | undefined;

  constructor(components: RunningContainerComponents, init: RunningContainerInit) {
    this.#components = components;
    this.spec = init.spec;
    this.#directory = init.directory;
    this.startedAt = init.life.startedAt;
    if ('exitCode' in init.life) this.#exit = init.life;
    else this.#process = init.life;
    this.exited = this.#watch();
    this.exited.catch(() => {}); // reported to whoever awaits it; nobody has to
  }

  get id(): string {
    return this.spec.id;
  }

  /** Process id, and id of the process group; `undefined` once the container has ended. */
  get pid(): number | undefined {
    return this.#exit === undefined ? this.#process?.identity.pid : undefined;
  }

  /** How the container ended; `undefined` while it has not. */
  get exit(): ExitRecord | undefined {
    return this.#exit;
  }

  async #watch(): Promise<ExitRecord> {
    const { resources } = this.#components;
    if (this.#process !== undefined) {
      resources.hold(this.#process);
      this.#exit ??= await this.#process.ended();
    }
    this.#finishLog();
    await endProgramsBeside(this.#directory, this.#programEnds);
    await resources.remove();
    if (this.#exit === undefined) throw new Error(`Cannot watch '${this.id}': it never started`);
    return this.#exit;
  }

  /** What a killed writer leaves half done. */
  #finishLog(): void {
    const { path } = this.spec.log;
    mendLog(path);
    const at = this.#exit?.finishedAt ?? this.#components.clock.now();
    saveLogTail(containerFiles(this.#directory).logTail, path, at);
  }

  /**
   * Asks the container to end (SIGTERM to its process group) and ends it (SIGKILL) when
   * `graceSeconds` have passed. Resolves when it has ended. May be called several times; the call
   * whose grace ends first kills.
   */
  async stop(graceSeconds: number, options: AbortOptions = {}): Promise<ExitRecord> {
    if (this.#exit === undefined) await this.#process?.stop(graceSeconds, options);
    return await this.exited;
  }

  /**
   * Removes what the runtime keeps of an ended container, its log excepted. Idempotent.
   *
   * @throws {RuntimeError} `WrongState` while it runs
   */
  async remove(): Promise<void> {
    if (this.#exit === undefined) {
      throw new RuntimeError('WrongState', `Cannot remove container '${this.id}': it runs`);
    }
    await this.exited;
    removeContainerDirectory(this.#directory);
    this.#components.removed();
  }

  /** Resources used now; `undefined` once the container has ended. */
  usage(): ContainerUsage | undefined {
    const { resources, clock } = this.#components;
    const meters = { cgroup: resources.cgroup, meter: this.#meter };
    return this.pid === undefined ? undefined : containerUsage(this.pid, meters, clock.now());
  }

  /**
   * Runs a program beside the container, in the same mounts, environment, user, cgroups and
   * sandbox, and resolves with its end when its output is delivered. An aborted signal kills it.
   *
   * @throws {RuntimeError} `WrongState` where the container has ended, `CommandNotFound`
   * @throws {ContainerStartError}
   */
  async exec(
    request: ExecRequest,
    streams: ExecStreams,
    { signal }: AbortOptions = {},
  ): Promise<ExitRecord> {
    this.#mustRun('run a program in');
    const { starter, clock, resources } = this.#components;
    const init = {
      spec: this.spec,
      directory: this.#directory,
      cgroups: resources.cgroup?.directories ?? [],
      watch: (end: Promise<unknown>) => this.#watchProgram(end),
      signal,
    };
    try {
      return await runBeside({ starter, clock }, init, request, streams);
    } catch (error) {
      // Where the container ends while the program starts, whatever failed is because of that.
      this.#mustRun('run a program in', error);
      throw error;
    }
  }

  #watchProgram(end: Promise<unknown>): void {
    // A failure is told to who runs the program.
    const known = end.catch(() => undefined).finally(() => this.#programEnds.delete(known));
    this.#programEnds.add(known);
  }

  /**
   * Opens the container's stdin for writing. Its end is the guest's end of file where the spec's
   * `stdin` is `once`.
   *
   * @throws {RuntimeError} `WrongState` where the container has ended, `StdinClosed`
   */
  openStdin(): Writable {
    this.#mustRun('write to');
    if (this.spec.stdin === 'closed') {
      throw new RuntimeError('StdinClosed', `Cannot write to '${this.id}': its stdin is closed`);
    }
    return openStdin(this.id, containerFiles(this.#directory).stdin);
  }

  /** Tells the container's terminal how large it is; without one, or once it has ended, nothing. */
  resize(size: TerminalSize): void {
    const identity = this.#exit === undefined ? this.#process?.identity : undefined;
    if (this.spec.tty && identity !== undefined) resizeTerminal(identity, size);
  }

  #mustRun(action: string, cause?: unknown): void {
    if (this.#exit !== undefined) {
      const message = `Cannot ${action} '${this.id}': it has ended`;
      throw new RuntimeError('WrongState', message, { cause });
    }
  }

  /** Stops watching and throttling; the container goes on. */
  [Symbol.dispose](): void {
    this.#process?.[Symbol.dispose]();
    this.#components.resources[Symbol.dispose]();
  }
}
