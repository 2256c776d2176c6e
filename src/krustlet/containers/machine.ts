import { readdirSync } from 'node:fs';
import path from 'node:path';
import { nearestName } from '../../kubelet/pods/nearest-name.ts';
import { systemClock } from '../../runtime/clock.ts';
import { readContainerSpec } from '../../runtime/container/announce-container.ts';
import type { ContainerSpec, StartForm } from '../../runtime/container-spec.ts';
import { hasErrorCode } from '../../runtime/errors.ts';
import { findCgroups } from '../../runtime/limits/find-cgroups.ts';
import { ResourceLimits } from '../../runtime/limits/resource-limits.ts';
import { ContainerSpecError } from '../../runtime/parse-container-spec.ts';
import { plainContainerSpec } from '../../runtime/plain-container-spec.ts';
import { ContainerProcess } from '../../runtime/process/container-process.ts';
import { giveUpStart } from '../../runtime/process/give-up-start.ts';
import { isRunning } from '../../runtime/process/process-identity.ts';
import { RunningContainer } from '../../runtime/running-container.ts';
import { Runtime } from '../../runtime/runtime.ts';
import { removeContainerDirectory } from '../../runtime/state/container-directory.ts';
import { readExitRecord } from '../../runtime/state/exit-record.ts';
import { readProcessRecord } from '../../runtime/state/process-record.ts';
import { ZygoteStarter } from '../../runtime/zygote/zygote-starter.ts';
import { krustletVersion } from '../cli/krustlet-version.ts';
import { UserError } from '../cli/user-error.ts';
import {
  type ContainerState,
  type ContainerSummary,
  imageLabel,
  nameOf,
  podNameOf,
  podUidOf,
  restartsOf,
} from './container-summary.ts';

export interface MachineInit {
  readonly dataDir: string;
  /** How containers start that may be forked. @default what a self-test finds to work */
  readonly containerStart?: StartForm | undefined;
}

/**
 * The containers under one data folder. Commands run beside each other and beside a node, so
 * looking at containers changes nothing: unlike {@link Runtime.list}, nothing is taken over.
 */
export class Machine implements Disposable {
  readonly dataDir: string;
  /** Where the sockets of the zygotes are, and what their self-test found. */
  readonly zygotes: string;
  readonly #starter: ZygoteStarter;
  readonly #limits: ResourceLimits;
  /** For those who run many containers under rules of their own. */
  readonly runtime: Runtime;
  readonly #opened = new DisposableStack();

  constructor(init: MachineInit) {
    this.dataDir = init.dataDir;
    this.zygotes = path.join(init.dataDir, 'zygotes');
    this.#starter = new ZygoteStarter({
      directory: this.zygotes,
      version: krustletVersion(),
      config: { ...(init.containerStart && { containerStart: init.containerStart }) },
    });
    this.#limits = new ResourceLimits(findCgroups('/sys/fs/cgroup', 'krustlet'));
    this.runtime = this.#opened.use(
      new Runtime({ starter: this.#starter, limits: this.#limits }, { dataDir: init.dataDir }),
    );
  }

  /** Starts a container; its log's folder must exist. */
  async start(spec: ContainerSpec, options?: { readonly signal?: AbortSignal | undefined }) {
    return await this.runtime.start(spec, options);
  }

  /** All containers, sorted by name, those of one name by their start. */
  list(): ContainerSummary[] {
    return this.#ids()
      .flatMap((id) => this.#summarize(id) ?? [])
      .sort((a, b) => a.name.localeCompare(b.name) || startOf(a) - startOf(b));
  }

  /**
   * Finds the container that somebody means: by its name or id, else by the name of a pod that has
   * one container, else by the beginning of its id. Of several attempts the last one is meant.
   *
   * @throws {UserError} where there is none, or more than one
   */
  find(wanted: string): ContainerSummary {
    const all = this.list();
    const readings = [
      ({ id, name }: ContainerSummary) => id === wanted || name === wanted,
      ({ spec }: ContainerSummary) => podNameOf(spec) === wanted,
      ({ id }: ContainerSummary) => wanted !== '' && id.startsWith(wanted),
    ];
    const found =
      readings.map((isMeant) => all.filter(isMeant)).find(({ length }) => length > 0) ?? [];
    const last = found.at(-1);
    if (last === undefined) throw unknownContainer(wanted, all);
    const names = [...new Set(found.map(({ name }) => name))];
    if (names.length === 1) return last;
    throw new UserError(`finding '${wanted}' failed: it could be ${names.join(', ')}`);
  }

  /**
   * The start of a pod's container before this one.
   *
   * @throws {UserError} where there was none, or nothing is left of it
   */
  findPrevious({ name, spec }: ContainerSummary): ContainerSummary {
    const earlier = this.list().filter(
      (other) =>
        other.name === name &&
        podUidOf(other.spec) === podUidOf(spec) &&
        restartsOf(other.spec) < restartsOf(spec),
    );
    const previous = earlier.at(-1);
    if (previous !== undefined) return previous;
    throw new UserError(`finding the previous start of '${name}' failed: there was none`);
  }

  /** Opens a container to act on it; the machine closes it. */
  open({ id, spec, state }: ContainerSummary): RunningContainer {
    const directory = this.#directoryOf(id);
    const life = this.#lifeOf(directory, state);
    if (life === undefined) throw new UserError(`acting on '${id}' failed: it has not started yet`);
    const container = new RunningContainer(
      {
        starter: this.#starter,
        resources: this.#limits.open(id, spec.limits),
        clock: systemClock,
        removed: () => {},
      },
      { spec, directory, life },
    );
    return this.#opened.use(container);
  }

  /** Removes a container that has not started, and sees to it that it never does. */
  async giveUp({ id, spec }: ContainerSummary): Promise<void> {
    const directory = this.#directoryOf(id);
    await giveUpStart(directory);
    await this.#limits.open(id, spec.limits).remove();
    removeContainerDirectory(directory);
  }

  [Symbol.dispose](): void {
    this.#opened.dispose();
  }

  #lifeOf(directory: string, state: ContainerState) {
    if (state.kind === 'exited') return state.exit;
    const record = readProcessRecord(directory);
    if (record?.kind !== 'process') return undefined;
    const { startedAt } = record;
    return new ContainerProcess({ directory, identity: record, startedAt });
  }

  #summarize(id: string): ContainerSummary | undefined {
    const directory = this.#directoryOf(id);
    const spec = this.#readSpec(id);
    if (spec === undefined) return undefined;
    return { id, name: nameOf(spec), spec, state: stateOf(directory) };
  }

  /** `undefined` where another command is making or removing the container at this moment. */
  #readSpec(id: string): ContainerSpec | undefined {
    try {
      return readContainerSpec(this.#directoryOf(id));
    } catch (error) {
      if (hasErrorCode(error, 'ENOENT')) return undefined;
      if (error instanceof ContainerSpecError || error instanceof SyntaxError) {
        return this.#unreadable(id);
      }
      throw error;
    }
  }

  /** Stands for a spec of another version, so that its container can be stopped and removed. */
  #unreadable(id: string): ContainerSpec {
    return plainContainerSpec({
      id,
      trustDomain: 'run',
      modulePath: '/',
      log: {
        path: path.join(this.dataDir, 'logs', 'containers', id, '0.log'),
        maxBytes: 1,
        maxFiles: 1,
      },
      labels: { [imageLabel]: '(made by another version of krustlet)' },
    });
  }

  #ids(): string[] {
    try {
      return readdirSync(path.join(this.dataDir, 'containers'));
    } catch (error) {
      if (hasErrorCode(error, 'ENOENT')) return [];
      throw error;
    }
  }

  #directoryOf(id: string): string {
    return path.join(this.dataDir, 'containers', id);
  }
}

/** In milliseconds since the epoch; what has not started is the newest. */
function startOf({ state }: ContainerSummary): number {
  switch (state.kind) {
    case 'created':
      return Number.POSITIVE_INFINITY;
    case 'running':
      return state.startedAt.getTime();
    case 'exited':
      return state.exit.startedAt.getTime();
    default:
      return state satisfies never;
  }
}

function stateOf(directory: string): ContainerState {
  const process = readProcessRecord(directory);
  const running = process?.kind === 'process' && isRunning(process);
  // Read after looking at the process: one that has just ended has its record by now, or soon.
  const exit = readExitRecord(directory);
  if (exit !== undefined) return { kind: 'exited', exit };
  if (process?.kind !== 'process') return { kind: 'created' };
  const { pid, startedAt } = process;
  if (running) return { kind: 'running', pid, startedAt };
  return {
    kind: 'exited',
    exit: {
      exitCode: 137,
      reason: 'ContainerStatusUnknown',
      message: 'the process is gone, and nobody saw how it ended',
      startedAt,
      finishedAt: startedAt,
    },
  };
}

function unknownContainer(wanted: string, all: readonly ContainerSummary[]): UserError {
  const near = nearestName(wanted, new Set(all.map(({ name }) => name)));
  const hint = near === undefined ? "see 'krustlet ps --all'" : `did you mean '${near}'?`;
  return new UserError(`finding '${wanted}' failed: there is no such container; ${hint}`);
}
