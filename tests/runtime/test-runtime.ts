import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import loadWabt from 'wabt';
import type { ContainerSpec } from '../../src/runtime/container-spec.ts';
import type { ExecStreams } from '../../src/runtime/exec/exec-request.ts';
import { findCgroups } from '../../src/runtime/limits/find-cgroups.ts';
import { ResourceLimits } from '../../src/runtime/limits/resource-limits.ts';
import { plainContainerSpec } from '../../src/runtime/plain-container-spec.ts';
import type { RunningContainer } from '../../src/runtime/running-container.ts';
import { Runtime } from '../../src/runtime/runtime.ts';
import { ZygoteStarter } from '../../src/runtime/zygote/zygote-starter.ts';
import { testUser } from './test-containers.ts';

const wabt = await loadWabt();

export interface TestRuntimeInit {
  /** @default a temporary one, which is removed */
  readonly dataDir?: string;
  /** Shared with other tests, and left to them. @default one of its own */
  readonly zygote?: TestZygote;
  /** Name of the cgroup that containers' cgroups are made in; none without. */
  readonly cgroup?: string;
}

/** A starter whose zygote several runtimes may share. */
export class TestZygote implements AsyncDisposable {
  readonly starter: ZygoteStarter;
  readonly #directory: string;

  constructor(directory = mkdtempSync(path.join(tmpdir(), 'krustlet-zygote-'))) {
    this.#directory = directory;
    this.starter = new ZygoteStarter({
      directory,
      version: 'test',
      // no self-test for each
      config: { containerStart: 'fork', idleTimeout: 15_000, startTimeout: 60_000 },
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const zygote = await this.starter.status('test');
    if (zygote !== undefined) process.kill(zygote.pid, 'SIGKILL');
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

/** A runtime over a temporary directory, with real zygotes and containers. */
export class TestRuntime implements AsyncDisposable {
  readonly dataDir: string;
  readonly starter: ZygoteStarter;
  readonly limits: ResourceLimits;
  runtime: Runtime;
  readonly #own: TestZygote | undefined;
  #count = 0;

  constructor(init: TestRuntimeInit = {}) {
    this.dataDir = init.dataDir ?? mkdtempSync(path.join(tmpdir(), 'krustlet-runtime-'));
    const zygote = init.zygote ?? new TestZygote(path.join(this.dataDir, 'zygotes'));
    this.#own = init.zygote === undefined ? zygote : undefined;
    this.starter = zygote.starter;
    this.limits = new ResourceLimits(
      init.cgroup === undefined ? undefined : findCgroups('/sys/fs/cgroup', init.cgroup),
    );
    this.runtime = this.#newRuntime();
  }

  #newRuntime(): Runtime {
    return new Runtime({ starter: this.starter, limits: this.limits }, { dataDir: this.dataDir });
  }

  /** Does what a restart of the process does: a new runtime over the same directory. */
  restart(): void {
    this.runtime[Symbol.dispose]();
    this.runtime = this.#newRuntime();
  }

  /** Assembles a module in the text format. */
  module(source: string): string {
    const file = path.join(this.dataDir, `module-${this.#count++}.wasm`);
    const module = wabt.parseWat('module', source);
    writeFileSync(file, module.toBinary({}).buffer, { mode: 0o644 });
    module.destroy();
    return file;
  }

  /** A spec with what a test does not care about filled in. */
  spec(modulePath: string, changes: Partial<ContainerSpec> = {}): ContainerSpec {
    const id = changes.id ?? `test-${this.#count++}`;
    const logs = path.join(this.dataDir, 'logs', id);
    mkdirSync(logs, { recursive: true });
    return plainContainerSpec({
      id,
      trustDomain: 'test',
      modulePath,
      args: ['program'],
      user: testUser,
      log: { path: path.join(logs, '0.log'), maxBytes: 10 * 1024 * 1024, maxFiles: 5 },
      ...changes,
    });
  }

  async start(source: string, changes?: Partial<ContainerSpec>): Promise<RunningContainer> {
    return await this.runtime.start(this.spec(this.module(source), changes));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const container of await this.runtime.list()) {
      await container.stop(0);
      await container.remove();
    }
    this.runtime[Symbol.dispose]();
    await this.#own?.[Symbol.asyncDispose]();
    rmSync(this.dataDir, { recursive: true, force: true });
  }
}

/** What a container has written to its log, without the prefixes. */
export function logOf({ spec }: RunningContainer): string {
  return readFileSync(spec.log.path, 'utf8').replaceAll(/^\S+ (stdout|stderr) [FP] /gm, '');
}

/** Streams for a program, whose output is collected. */
export function collectingStreams(stdin?: ExecStreams['stdin']) {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const collected = { stdout: text(stdout), stderr: text(stderr) };
  return {
    streams: { stdout, stderr, ...(stdin && { stdin }) },
    /** Ends the streams and returns what came. */
    async output() {
      stdout.end();
      stderr.end();
      return { stdout: await collected.stdout, stderr: await collected.stderr };
    },
  };
}
