import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { globSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { formatKubeconfig } from '../../../src/kubernetes/kubeconfig/format-kubeconfig.ts';
import { nodes } from '../../../src/kubernetes/resources/node.ts';
import { removedName } from '../../../src/runtime/state/container-directory.ts';
import { boundCommand } from '../../support/bound-command.ts';
import { freePorts } from '../../support/free-port.ts';
import { type TestClient, testCluster } from '../test-cluster.ts';
import { eventually } from './eventually.ts';

const program = path.resolve(import.meta.dirname, '../../../bin/krustlet.js');

export interface NodeProcessInit {
  readonly name: string;
  /** Flags besides those that every node needs. @default none */
  readonly flags?: readonly string[];
}

/** A real node: the program that users start, joined by the run's bootstrap token. */
export class NodeProcess implements AsyncDisposable {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly healthzPort: number;
  readonly directory: string;
  readonly #process: ChildProcess;

  /** Resolves when the cluster calls the node Ready. */
  static async start(admin: TestClient, init: NodeProcessInit): Promise<NodeProcess> {
    const address = process.env.KRUSTLET_TEST_ADDRESS ?? '127.0.0.1';
    await using stack = new AsyncDisposableStack();
    const node = stack.use(new NodeProcess(init, address, await freePorts(address, 2)));
    await eventually(
      async () => {
        const { items } = await admin.list(nodes);
        const found = items.find(({ metadata }) => metadata.name === node.name);
        const ready = found?.status?.conditions?.find(({ type }) => type === 'Ready');
        return ready?.status === 'True';
      },
      () => node.log,
    );
    stack.move();
    return node;
  }

  constructor(
    { name, flags = [] }: NodeProcessInit,
    address: string,
    [port = 0, healthzPort = 0]: readonly number[],
  ) {
    this.name = name;
    this.address = address;
    this.port = port;
    this.healthzPort = healthzPort;
    this.directory = mkdtempSync(path.join(os.tmpdir(), `krustlet-${name}-`));
    const settings = {
      'node-name': name,
      hostname: name,
      'node-ip': address,
      'data-dir': this.directory,
      kubeconfig: path.join(this.directory, 'config', 'kubeconfig'),
      'bootstrap-file': this.#writeBootstrapFile(),
      port,
      'healthz-port': healthzPort,
      'x-allow-local-modules': true,
    };
    const args = Object.entries(settings).map(([flag, value]) => `--${flag}=${value}`);
    const log = openSync(this.#logFile, 'a');
    const command = [process.execPath, program, ...args, ...flags] as const;
    this.#process = spawn(...boundCommand(command), { stdio: ['ignore', log, log] });
  }

  /** What the node has said. */
  get log(): string {
    return readFileSync(this.#logFile, 'utf8');
  }

  /** How many commands run beside containers now. */
  get commands(): number {
    const running = globSync('containers/*/exec/*', { cwd: this.directory });
    return running.filter((name) => path.basename(name) !== removedName).length;
  }

  /** Rows and columns of the terminals that containers have, such as `24 80`. */
  get terminalSizes(): readonly string[] {
    const records = globSync('containers/*/process.json', { cwd: this.directory });
    return records.flatMap((file) => {
      const { pid } = JSON.parse(readFileSync(path.join(this.directory, file), 'utf8'));
      const stty = spawnSync('stty', ['-F', `/proc/${pid}/fd/0`, 'size'], { encoding: 'utf8' });
      return stty.status === 0 ? stty.stdout.trim() : [];
    });
  }

  /** Memory that the node's own process has in use, in bytes; its containers are not in it. */
  get residentBytes(): number {
    const status = readFileSync(`/proc/${this.#process.pid}/status`, 'utf8');
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      const exited = once(this.#process, 'exit');
      this.#process.kill('SIGTERM');
      await exited;
    }
    rmSync(this.directory, { recursive: true, force: true });
  }

  get #logFile(): string {
    return path.join(this.directory, 'node.log');
  }

  #writeBootstrapFile(): string {
    const { admin, bootstrapToken } = testCluster();
    const file = path.join(this.directory, 'bootstrap.conf');
    const credential = { kind: 'token', token: bootstrapToken } as const;
    writeFileSync(file, formatKubeconfig({ ...admin, identity: { credential } }), { mode: 0o600 });
    return file;
  }
}
