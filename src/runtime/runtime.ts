import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { adoptContainer, type IsOwn } from './adopt-container.ts';
import { type Clock, systemClock } from './clock.ts';
import type { ContainerSpec } from './container-spec.ts';
import type { ContainerStarter, StartOptions } from './container-starter.ts';
import { RuntimeError } from './errors.ts';
import type { ContainerResources } from './limits/container-resources.ts';
import type { ResourceLimits } from './limits/resource-limits.ts';
import { ContainerSpecError, parseContainerSpec } from './parse-container-spec.ts';
import { ContainerProcess } from './process/container-process.ts';
import { giveUpStart } from './process/give-up-start.ts';
import { RunningContainer } from './running-container.ts';
import {
  createContainerDirectory,
  removeContainerDirectory,
  removedName,
  writeContainerSpec,
} from './state/container-directory.ts';
import type { ExitRecord } from './state/exit-record.ts';

export interface RuntimeComponents {
  readonly starter: ContainerStarter;
  readonly limits: ResourceLimits;
  /** @default systemClock */
  readonly clock?: Clock;
  /** Told of containers that cannot be taken over; they are ended and removed. @default a warning */
  readonly onLost?: (error: ContainerSpecError) => void;
}

export interface RuntimeInit {
  /** Absolute path; containers are kept in `containers/` below it. */
  readonly dataDir: string;
}

/** All optional: see {@link StartOptions}. */
export type RuntimeStartOptions = Pick<StartOptions, 'ready' | 'signal'>;

/**
 * The containers of this machine. Their processes outlive this one: a runtime that starts again
 * over the same directory finds all of them with {@link list}.
 */
export class Runtime implements Disposable {
  readonly #starter: ContainerStarter;
  readonly #limits: ResourceLimits;
  readonly #clock: Clock;
  readonly #onLost: (error: ContainerSpecError) => void;
  readonly #root: string;
  readonly #containers = new Map<string, RunningContainer>();
  #isDisposed = false;

  constructor(components: RuntimeComponents, init: RuntimeInit) {
    this.#starter = components.starter;
    this.#limits = components.limits;
    this.#clock = components.clock ?? systemClock;
    this.#onLost = components.onLost ?? ((error) => process.emitWarning(error));
    this.#root = path.join(init.dataDir, 'containers');
  }

  /**
   * Starts a container. When it resolves, the container's process stands in its sandbox. When it
   * rejects, nothing of the container is left.
   *
   * @throws {RuntimeError} `AlreadyExists`, `StartFailed`
   */
  async start(
    spec: ContainerSpec,
    { ready, signal }: RuntimeStartOptions = {},
  ): Promise<RunningContainer> {
    demandReadable(spec);
    const directory = this.#directoryOf(spec.id);
    writeContainerSpec(createContainerDirectory(directory), spec);
    const resources = this.#limits.create(spec.id, spec.limits);
    try {
      const identity = await this.#starter.start(spec, directory, {
        cgroups: resources.cgroup?.directories ?? [],
        ...(ready && { ready }),
        signal,
      });
      const life = new ContainerProcess({
        directory,
        identity,
        startedAt: this.#clock.now(),
        clock: this.#clock,
      });
      return this.#keep(spec, resources, life);
    } catch (cause) {
      await giveUpStart(directory);
      await resources.remove();
      removeContainerDirectory(directory);
      signal?.throwIfAborted();
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new RuntimeError('StartFailed', `Cannot start container '${spec.id}': ${reason}`, {
        cause,
      });
    }
  }

  /**
   * Lists all containers that were started and not removed, ended ones included: those of this
   * process, and those of earlier lives of it, which it takes over. Programs that were run beside
   * a container by an earlier life are ended, as nobody carries their stdio any more.
   *
   * @param isOwn says which containers; the others, which may be those of other processes, are left
   *   alone
   */
  async list(isOwn: IsOwn = () => true): Promise<readonly RunningContainer[]> {
    mkdirSync(this.#root, { recursive: true, mode: 0o700 });
    rmSync(path.join(this.#root, removedName), { recursive: true, force: true });
    const ids = readdirSync(this.#root).filter((id) => !this.#containers.has(id));
    await Promise.all(ids.map((id) => this.#adopt(id, isOwn)));
    return [...this.#containers.values()].filter(({ spec }) => isOwn(spec));
  }

  async #adopt(id: string, isOwn: IsOwn): Promise<void> {
    const directory = this.#directoryOf(id);
    try {
      const adopted = await adoptContainer(directory, this.#clock, isOwn);
      if (adopted === undefined) return removeContainerDirectory(directory);
      if (adopted === 'foreign') return;
      const { spec, life } = adopted;
      this.#keep(spec, this.#limits.open(spec.id, spec.limits), life);
    } catch (error) {
      if (!(error instanceof ContainerSpecError)) throw error;
      removeContainerDirectory(directory);
      this.#onLost(error);
    }
  }

  #keep(
    spec: ContainerSpec,
    resources: ContainerResources,
    life: ContainerProcess | ExitRecord,
  ): RunningContainer {
    const removed = () => this.#containers.delete(spec.id);
    const container = new RunningContainer(
      { starter: this.#starter, resources, clock: this.#clock, removed },
      { spec, directory: this.#directoryOf(spec.id), life },
    );
    // A start that ends after everything else shall not keep this process.
    if (this.#isDisposed) container[Symbol.dispose]();
    else this.#containers.set(spec.id, container);
    return container;
  }

  #directoryOf(id: string): string {
    return path.join(this.#root, id);
  }

  /** Stops watching all containers; they go on. */
  [Symbol.dispose](): void {
    this.#isDisposed = true;
    for (const container of this.#containers.values()) container[Symbol.dispose]();
    this.#containers.clear();
  }
}

/** What a later life cannot read it would end, so that it does not begin. */
function demandReadable(spec: ContainerSpec): void {
  try {
    parseContainerSpec(spec);
  } catch (cause) {
    if (!(cause instanceof ContainerSpecError)) throw cause;
    const message = `Cannot start container '${spec.id}': ${cause.message}`;
    throw new RuntimeError('StartFailed', message, { cause });
  }
}
