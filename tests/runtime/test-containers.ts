import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import loadWabt from 'wabt';
import type { ContainerSpec, StartForm } from '../../src/runtime/container-spec.ts';
import type { StartedContainer } from '../../src/runtime/container-starter.ts';
import { plainContainerSpec } from '../../src/runtime/plain-container-spec.ts';
import {
  createContainerDirectory,
  writeContainerSpec,
} from '../../src/runtime/state/container-directory.ts';
import { type ExitRecord, readExitRecord } from '../../src/runtime/state/exit-record.ts';
import { ZygoteStarter, type ZygoteStarterInit } from '../../src/runtime/zygote/zygote-starter.ts';

const wabt = await loadWabt();
const deadline = 10_000;
const isRoot = process.getuid?.() === 0;

/** Who test containers run as: nobody, or whoever runs the tests. */
export const testUser = {
  uid: isRoot ? 65534 : (process.getuid?.() ?? 0),
  gid: isRoot ? 65534 : (process.getgid?.() ?? 0),
  groups: [],
};

export type TestEngine = Pick<ContainerSpec, 'engine' | 'enginePath'>;

/** Containers in a temporary directory, with a zygote of their own that ends soon after them. */
export class TestContainers implements AsyncDisposable {
  readonly directory = makeOpenDirectory();
  readonly starter: ZygoteStarter;
  readonly #form: StartForm;
  readonly #engine: TestEngine;
  readonly #started: StartedContainer[] = [];
  #count = 0;

  constructor(
    form: StartForm,
    init: Partial<ZygoteStarterInit> = {},
    engine: TestEngine = { engine: 'v8' },
  ) {
    this.#form = form;
    this.#engine = engine;
    this.starter = new ZygoteStarter({
      directory: path.join(this.directory, 'zygotes'),
      version: 'test',
      ...init,
      // no self-test for each test
      config: { containerStart: 'fork', idleTimeout: 15_000, ...init.config },
    });
  }

  /** Writes a spec, with what a test does not care about filled in, and its directory. */
  create(changes: Partial<ContainerSpec> = {}): TestContainer {
    const id = `test-${this.#count++}`;
    const directory = path.join(this.directory, 'containers', id);
    const logs = path.join(this.directory, 'logs', id);
    mkdirSync(logs, { recursive: true });
    const spec = plainContainerSpec({
      id,
      ...this.#engine,
      trustDomain: 'test',
      start: this.#form,
      modulePath: path.join(this.directory, 'missing.wasm'),
      args: ['test'],
      user: testUser,
      log: { path: path.join(logs, '0.log'), maxBytes: 1024 * 1024, maxFiles: 3 },
      ...changes,
    });
    writeContainerSpec(createContainerDirectory(directory), spec);
    return new TestContainer(spec, directory);
  }

  /** Assembles a module in the text format. */
  module(name: string, text: string): string {
    const file = path.join(this.directory, `${name}.wasm`);
    using module = disposable(wabt.parseWat(name, text));
    writeFileSync(file, module.toBinary({ write_debug_names: true }).buffer);
    return file;
  }

  async start(container: TestContainer, signal?: AbortSignal): Promise<StartedContainer> {
    const { spec, directory } = container;
    const started = await this.starter.start(spec, directory, signal && { signal });
    this.#started.push(started);
    return started;
  }

  /** How many processes of containers there are, those included whose guests wait. */
  async count(): Promise<number> {
    return (await this.starter.status('test'))?.containers ?? 0;
  }

  /** Starts a container and waits for its end. */
  async run(container: TestContainer): Promise<ExitRecord> {
    await this.start(container);
    return await container.ended();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { pid } of this.#started) killIfRunning(-pid);
    const zygote = await this.starter.status('test');
    if (zygote !== undefined) killIfRunning(zygote.pid);
    rmSync(this.directory, { recursive: true, force: true });
  }
}

export class TestContainer {
  readonly spec: ContainerSpec;
  readonly directory: string;

  constructor(spec: ContainerSpec, directory: string) {
    this.spec = spec;
    this.directory = directory;
  }

  get exitRecord(): ExitRecord | undefined {
    return readExitRecord(this.directory);
  }

  async ended(): Promise<ExitRecord> {
    for (let waited = 0; waited < deadline; waited += 5) {
      const record = this.exitRecord;
      if (record !== undefined) return record;
      await sleep(5);
    }
    throw new Error(`Container '${this.spec.id}' has not ended in ${deadline} ms`);
  }

  /** Whether the guest has written anything. */
  get hasWritten(): boolean {
    return existsSync(this.spec.log.path) && this.output !== '';
  }

  /** What the guest has written, without the log's prefixes. */
  get output(): string {
    const text = readFileSync(this.spec.log.path, 'utf8');
    return text.replaceAll(/^\S+ (stdout|stderr) [FP] /gm, '');
  }
}

/** Any user may enter it: what a container cannot reach in it, its sandbox keeps from it. */
function makeOpenDirectory(): string {
  const directory = mkdtempSync(path.join(tmpdir(), 'krustlet-containers-'));
  chmodSync(directory, 0o755);
  return directory;
}

function killIfRunning(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

function disposable<T extends { destroy(): void }>(resource: T): T & Disposable {
  return Object.assign(resource, { [Symbol.dispose]: () => resource.destroy() });
}
