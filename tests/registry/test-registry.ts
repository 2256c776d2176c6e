import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ClusterAuthority } from '../cluster/cluster-certificates.ts';
import { toolPath } from '../cluster/tools.ts';

export interface TestRegistryInit {
  /** Serves HTTPS with a certificate of its own authority. */
  readonly tls?: boolean;
  /** Demands this name and password, which are `user` and `passw0rd`, for everything. */
  readonly auth?: boolean;
  /** Makes it a pull-through mirror of this base URL. */
  readonly mirrorOf?: string;
}

const startDeadlineMs = 10_000;

/** bcrypt of 'passw0rd', as the registry wants it; made once, since that is slow on purpose. */
const passwordFile = 'user:$2a$04$DpRmDeVGI1XfYJEY97v7peqf61dtoaURbOO4jj0G8AbnlICy4wAMa\n';

/** A real registry on a port of its own, with its own directory; disposing of it ends both. */
export class TestRegistry implements AsyncDisposable {
  static readonly username = 'user';
  static readonly password = 'passw0rd';

  /** `127.0.0.1:port`. */
  readonly host: string;
  /** PEM of the authority to trust; empty without TLS. */
  readonly ca: string;
  readonly #directory: string;
  readonly #process: ChildProcess;

  constructor(parts: { host: string; ca: string; directory: string; process: ChildProcess }) {
    this.host = parts.host;
    this.ca = parts.ca;
    this.#directory = parts.directory;
    this.#process = parts.process;
  }

  static async start(init: TestRegistryInit = {}): Promise<TestRegistry> {
    const directory = await mkdtemp(path.join(os.tmpdir(), 'test-registry-'));
    const { ca, settings } = await configure(directory, init);
    const config = path.join(directory, 'config.json');
    await writeFile(config, JSON.stringify(settings));
    const child = spawn(toolPath('registry'), ['serve', config], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { PATH: process.env.PATH, OTEL_TRACES_EXPORTER: 'none' },
    });
    const host = await addressOf(child);
    return new TestRegistry({ host, ca, directory, process: child });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      this.#process.kill('SIGKILL');
      await once(this.#process, 'exit');
    }
    await rm(this.#directory, { recursive: true, force: true });
  }
}

async function configure(directory: string, { tls, auth, mirrorOf }: TestRegistryInit) {
  const passwords = path.join(directory, 'htpasswd');
  await writeFile(passwords, passwordFile);
  const authority = tls === true ? new ClusterAuthority(directory) : undefined;
  const issued = authority?.issue('registry', {
    subject: { commonName: 'registry' },
    use: 'server',
    ipAddresses: ['127.0.0.1'],
  });
  const settings = {
    version: 0.1,
    log: { level: 'info', formatter: 'json' },
    storage: { filesystem: { rootdirectory: path.join(directory, 'data') } },
    http: {
      addr: '127.0.0.1:0',
      ...(issued && { tls: { certificate: issued.certificateFile, key: issued.keyFile } }),
    },
    ...(auth === true && { auth: { htpasswd: { realm: 'test', path: passwords } } }),
    ...(mirrorOf !== undefined && { proxy: { remoteurl: mirrorOf } }),
  };
  return { ca: authority?.certificate ?? '', settings };
}

/** The registry says in its log which port it got. */
async function addressOf(child: ChildProcess): Promise<string> {
  const deadline = AbortSignal.timeout(startDeadlineMs);
  let log = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    log += text;
  });
  while (!deadline.aborted && child.exitCode === null) {
    const [, host] = /listening on (127\.0\.0\.1:\d+)/.exec(log) ?? [];
    if (host !== undefined) return host;
    await sleep(20);
  }
  child.kill('SIGKILL');
  throw new Error(`start registry: it does not listen: ${log.slice(-2000)}`);
}
