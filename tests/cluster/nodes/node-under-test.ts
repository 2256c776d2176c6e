import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { memoryDirectory } from '../../../src/kubelet/pods/memory-directory.ts';
import { formatKubeconfig } from '../../../src/kubernetes/kubeconfig/format-kubeconfig.ts';
import { boundCommand } from '../../support/bound-command.ts';
import { freePorts } from '../../support/free-port.ts';
import { type TestCluster, testCluster } from '../test-cluster.ts';

const checkout = path.resolve(import.meta.dirname, '../../../bin/krustlet.js');

export interface NodeUnderTestInit {
  readonly name: string;
  /** Flags besides those that every node needs. @default none */
  readonly flags?: readonly string[];
  /** @default the run's */
  readonly cluster?: Pick<TestCluster, 'admin' | 'bootstrapToken'>;
  /** The program that is started. @default the checkout's */
  readonly program?: string;
  /** DATA_DIR. @default in the node's own folder */
  readonly dataDir?: string;
}

/** The program that users start, with folders that outlive it: it can be ended and started again. */
export class NodeUnderTest implements AsyncDisposable {
  readonly name: string;
  readonly directory: string;
  readonly dataDir: string;
  readonly address = process.env.KRUSTLET_TEST_ADDRESS ?? '127.0.0.1';
  readonly #program: string;
  readonly #flags: readonly string[];
  #process: ChildProcess | undefined;

  static async start(init: NodeUnderTestInit): Promise<NodeUnderTest> {
    const address = process.env.KRUSTLET_TEST_ADDRESS ?? '127.0.0.1';
    const node = new NodeUnderTest(init, await freePorts(address, 2));
    node.start();
    return node;
  }

  constructor(
    { name, flags = [], cluster = testCluster(), program = checkout, dataDir }: NodeUnderTestInit,
    [port, healthzPort]: readonly number[],
  ) {
    this.name = name;
    this.#program = program;
    this.directory = mkdtempSync(path.join(os.tmpdir(), `krustlet-${name}-`));
    this.dataDir = dataDir ?? path.join(this.directory, 'data');
    mkdirSync(this.staticPods);
    writeFileSync(this.#bootstrapFile, bootstrapConfig(cluster), { mode: 0o600 });
    this.#flags = [
      `--node-name=${name}`,
      `--hostname=${name}`,
      `--node-ip=${this.address}`,
      `--data-dir=${this.dataDir}`,
      `--kubeconfig=${this.kubeconfig}`,
      `--bootstrap-file=${this.#bootstrapFile}`,
      `--pod-manifest-path=${this.staticPods}`,
      `--port=${port}`,
      `--healthz-port=${healthzPort}`,
      '--x-allow-local-modules=true',
      ...flags,
    ];
  }

  get kubeconfig(): string {
    return path.join(this.directory, 'kubeconfig');
  }

  /** The folder of its static pods. */
  get staticPods(): string {
    return path.join(this.directory, 'static');
  }

  /** What the node has said in all of its lives. */
  get log(): string {
    return readFileSync(this.#logFile, 'utf8');
  }

  /** How often the daemon has come so far as to serve. */
  get lives(): number {
    return this.log.split("Serving the kubelet's API").length - 1;
  }

  /** The daemon, while there is one. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** Whether the daemon goes on. */
  get isRunning(): boolean {
    const { exitCode, signalCode } = this.#process ?? {};
    return exitCode === null && signalCode === null;
  }

  start(flags: readonly string[] = []): void {
    const log = openSync(this.#logFile, 'a');
    const command = [process.execPath, this.#program, ...this.#flags, ...flags] as const;
    this.#process = spawn(...boundCommand(command), { stdio: ['ignore', log, log] });
  }

  /** Ends the daemon and gives its exit code; its containers may go on. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    const running = this.#process;
    this.#process = undefined;
    if (running === undefined || running.signalCode !== null) return null;
    if (running.exitCode !== null) return running.exitCode;
    const exited = once(running, 'exit');
    running.kill(signal);
    await exited;
    return running.exitCode;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    for (const directory of [this.directory, memoryDirectory(this.dataDir)]) {
      rmSync(directory, { recursive: true, force: true });
    }
  }

  get #logFile(): string {
    return path.join(this.directory, 'node.log');
  }

  get #bootstrapFile(): string {
    return path.join(this.directory, 'bootstrap.conf');
  }
}

function bootstrapConfig({
  admin,
  bootstrapToken: token,
}: Pick<TestCluster, 'admin' | 'bootstrapToken'>): string {
  return formatKubeconfig({ ...admin, identity: { credential: { kind: 'token', token } } });
}
