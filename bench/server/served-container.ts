import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { Registry } from 'prom-client';
import type { LogOnDisk } from '../../src/kubelet/logs/log-files.ts';
import type { Container } from '../../src/kubelet/provider.ts';
import { Authenticator } from '../../src/kubelet/server/auth/authenticator.ts';
import { Authorizer } from '../../src/kubelet/server/auth/authorizer.ts';
import { containerLogs } from '../../src/kubelet/server/endpoints/container-logs.ts';
import { exec } from '../../src/kubelet/server/endpoints/exec.ts';
import { metrics } from '../../src/kubelet/server/endpoints/metrics.ts';
import { portForward } from '../../src/kubelet/server/endpoints/port-forward-routes.ts';
import type { KubeletHost, ServedPod } from '../../src/kubelet/server/kubelet-host.ts';
import { KubeletServer } from '../../src/kubelet/server/kubelet-server.ts';
import { StatsCollector } from '../../src/kubelet/stats/stats-collector.ts';
import { systemClock } from '../../src/kubernetes/clock.ts';
import { WasiLives } from '../../tests/pods/wasi-lives.ts';
import { guests } from '../../tests/runtime/guests.ts';
import { tlsIdentity } from './tls-identity.ts';

export interface ServedContainerInit {
  /** Directory for what the node keeps. */
  readonly directory: string;
  /** Log that the container's logs are read from. */
  readonly logPath: string;
  /** Pods that are measured, each with the container in it. */
  readonly measuredPods: number;
}

/** The kubelet's API over one real container, with everybody let in once he is known. */
export class ServedContainer implements AsyncDisposable {
  readonly port: number;
  readonly #server: KubeletServer;
  readonly #lives: WasiLives;

  static async start(init: ServedContainerInit): Promise<ServedContainer> {
    const lives = new WasiLives();
    const container = await startContainer(lives, init.directory);
    const server = createServer(container, init);
    server.useCertificate(tlsIdentity());
    return new ServedContainer(lives, server, await server.listen());
  }

  constructor(lives: WasiLives, server: KubeletServer, port: number) {
    this.#lives = lives;
    this.#server = server;
    this.port = port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.close();
    await this.#lives[Symbol.asyncDispose]();
  }
}

async function startContainer(lives: WasiLives, directory: string): Promise<Container> {
  const logs = path.join(directory, 'container-logs');
  mkdirSync(logs, { recursive: true });
  return await lives.begin().start({
    id: 'bench',
    pod: { namespace: 'default', name: 'pod', uid: 'uid' },
    name: 'app',
    attempt: 0,
    image: {
      reference: 'sleep',
      path: lives.containers.module('sleep', guests.sleep),
      digest: `sha256:${'0'.repeat(64)}`,
      entrypoint: [],
      cmd: [],
      env: [],
    },
    runtimeHandler: '',
    env: [],
    mounts: [],
    ports: [],
    podIPs: ['127.0.0.1'],
    hostname: 'pod',
    stdin: false,
    stdinOnce: false,
    tty: false,
    user: { uid: 65534, gid: 65534, groups: [] },
    resources: {},
    log: { path: path.join(logs, '0.log'), maxBytes: 1 << 20, maxFiles: 2 },
    annotations: {},
  });
}

function createServer(container: Container, init: ServedContainerInit): KubeletServer {
  const clock = systemClock;
  const reviews = {
    reviewToken: async () => ({ name: 'bench', groups: [] }),
    reviewAccess: async () => true,
  };
  const host = hostOf(container, { path: init.logPath, maxFiles: 1 });
  const stats = new StatsCollector(
    { pods: () => measured(container, init.measuredPods), clock, log: console },
    { nodeName: 'bench', dataDir: init.directory, imagesDir: init.directory },
  );
  return new KubeletServer(
    {
      authenticator: new Authenticator({ reviews, clock }),
      authorizer: new Authorizer({ reviews, clock }),
      routes: [
        containerLogs({ host, clock }),
        ...exec(host),
        ...portForward(host),
        ...metrics({ stats, registry: new Registry(), probes: new Registry() }),
      ],
      onError: (error) => console.error(error),
    },
    { address: '127.0.0.1', port: 0 },
  );
}

function hostOf(container: Container, log: LogOnDisk): KubeletHost {
  const served = {
    current: container,
    waitingReason: undefined,
    log: () => log,
    stdin: false,
    stdinOnce: false,
    tty: false,
  };
  const pod: ServedPod = {
    address: '127.0.0.1',
    ports: undefined,
    defaultContainer: 'app',
    findContainer: () => served,
  };
  return {
    pods: () => [],
    runningPods: () => [],
    findPod: () => pod,
    checkSyncLoop: () => undefined,
    configuration: () => ({}),
  };
}

function measured(container: Container, count: number) {
  return Array.from({ length: count }, (_, index) => ({
    namespace: 'default',
    name: `pod-${index}`,
    uid: `uid-${index}`,
    startedAt: container.startedAt,
    containers: [container],
    volumes: [],
  }));
}
