import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, mkdirSync } from 'node:fs';
import { constants } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { Container, ContainerConfig, ContainerExit } from '../../src/kubelet/provider.ts';
import { type Provider, ProviderError } from '../../src/kubelet/provider.ts';

type Program = ChildProcessByStdio<null, Readable, Readable>;

/**
 * A whole provider: runs a pod's containers as ordinary programs of this machine, without any
 * isolation. What a node needs beside it (images, volumes, probes, restarts, status) is the
 * kubelet's.
 */
export class ProcessProvider implements Provider {
  async describe() {
    const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
    const runtimeVersion = `processes://${process.version}`;
    return { architecture, runtimeVersion, labels: {}, taints: [], runtimeHandlers: [''] };
  }

  async start(config: ContainerConfig): Promise<Container> {
    const { command = [...config.image.entrypoint, config.image.path], args = [] } = config;
    const [program = config.image.path, ...rest] = [...command, ...args];
    const env = Object.fromEntries(config.env.map(({ name, value }) => [name, value]));
    const child = spawn(program, rest, { env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    try {
      await once(child, 'spawn');
    } catch (cause) {
      throw new ProviderError('RunContainerError', `starting "${program}" failed`, { cause });
    }
    return new ProcessContainer(config, child);
  }

  /** Processes of an earlier life are not found again. */
  async list() {
    return [];
  }
}

class ProcessContainer implements Container {
  readonly config: ContainerConfig;
  readonly startedAt = new Date();
  readonly exited: Promise<ContainerExit>;
  exit: ContainerExit | undefined;
  readonly #child: Program;

  constructor(config: ContainerConfig, child: Program) {
    this.config = config;
    this.#child = child;
    this.exited = this.#watch(writeLog(config.log.path, child));
  }

  get id(): string {
    return this.config.id;
  }

  async stop(graceSeconds: number): Promise<ContainerExit> {
    this.#signal('SIGTERM');
    const timer = setTimeout(() => this.#signal('SIGKILL'), graceSeconds * 1000);
    return await this.exited.finally(() => clearTimeout(timer));
  }

  async remove(): Promise<void> {}
  async usage(): Promise<undefined> {}

  /** Its log is complete before its end is told. */
  async #watch(log: Writable): Promise<ContainerExit> {
    await once(this.#child, 'close');
    await once(log.end(), 'finish');
    const { exitCode: code, signalCode } = this.#child;
    const signal = signalCode === null ? {} : { signal: constants.signals[signalCode] };
    const exitCode = code ?? 128 + (signal.signal ?? 0);
    const reason = exitCode === 0 ? 'Completed' : 'Error';
    this.exit = { exitCode, ...signal, reason, startedAt: this.startedAt, finishedAt: new Date() };
    return this.exit;
  }

  #signal(signal: NodeJS.Signals): void {
    const { exitCode, signalCode, pid } = this.#child;
    // Its whole process group, unless it has ended and the number may be another's.
    if (exitCode === null && signalCode === null && pid) process.kill(-pid, signal);
  }
}

/** In the CRI's format, which `kubectl logs` reads. */
function writeLog(file: string, child: Program): Writable {
  mkdirSync(path.dirname(file), { recursive: true });
  const log = createWriteStream(file, { flags: 'a' });
  for (const name of ['stdout', 'stderr'] as const) {
    createInterface({ input: child[name] }).on('line', (line) =>
      log.write(`${new Date().toISOString()} ${name} F ${line}\n`),
    );
  }
  return log;
}
