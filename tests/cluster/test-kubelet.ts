import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { LocalPrograms } from '../../examples/provider/local-programs.ts';
import { ProcessProvider } from '../../examples/provider/process-provider.ts';
import { ClusterKubelet } from '../../src/kubelet/cluster/cluster-kubelet.ts';
import { ClientCredentials } from '../../src/kubelet/node/credentials/client-credentials.ts';
import type { NodeLog } from '../../src/kubelet/node/node-log.ts';
import type { NodeDescription } from '../../src/kubelet/node/registration/node-description.ts';
import { defaultPodSettings } from '../../src/kubelet/pods/pod-components.ts';
import { PodDirectories } from '../../src/kubelet/pods/pod-directories.ts';
import type { ApiClient } from '../../src/kubernetes/api/api-client.ts';
import { type Clock, systemClock } from '../../src/kubernetes/clock.ts';
import { formatKubeconfig } from '../../src/kubernetes/kubeconfig/format-kubeconfig.ts';
import { TestClient, testCluster } from './test-cluster.ts';

/** Says on stderr what goes wrong. */
export const quietLog: NodeLog = {
  info: () => undefined,
  warn: (message) => console.error(message),
};

/** What a node of tests says of itself. */
export function describeTestNode(nodeName: string): NodeDescription {
  const capacity = { cpu: '2', memory: '1Gi', 'ephemeral-storage': '10Gi', pods: '110' };
  return {
    nodeName,
    hostname: nodeName,
    nodeIPs: ['10.77.0.1'],
    port: 3000,
    labels: { type: 'krustlet', 'kubernetes.io/arch': 'wasm32-wasi' },
    taints: [{ key: 'kubernetes.io/arch', value: 'wasm32-wasi', effect: 'NoSchedule' }],
    capacity,
    allocatable: capacity,
    systemInfo: {
      machineID: 'machine',
      systemUUID: 'system',
      bootID: 'boot',
      kernelVersion: '6',
      osImage: 'test',
      containerRuntimeVersion: 'processes://1',
      kubeletVersion: 'v1.37.0',
      kubeProxyVersion: '',
      operatingSystem: 'linux',
      architecture: 'wasm32-wasi',
    },
    runtimeHandlers: ['', 'wasm'],
    declaredFeatures: [],
  };
}

/** Joins the run's cluster by its bootstrap token, and gives a client that is the node's. */
export async function joinAsNode(nodeName: string, directory: string): Promise<TestClient> {
  const { admin, bootstrapToken } = testCluster();
  const credential = { kind: 'token', token: bootstrapToken } as const;
  const bootstrapFile = path.join(directory, 'bootstrap.conf');
  writeFileSync(bootstrapFile, formatKubeconfig({ ...admin, identity: { credential } }));
  const kubeconfigFile = path.join(directory, 'kubeconfig');
  const credentials = new ClientCredentials(
    { log: quietLog },
    { nodeName, kubeconfigFile, bootstrapFile },
  );
  return new TestClient(await credentials.load());
}

/** A kubelet whose containers are programs of this machine: everything else of it is real. */
export class TestKubelet implements AsyncDisposable {
  readonly directories: PodDirectories;
  readonly #abort = new AbortController();
  readonly #running: Promise<void>;

  constructor(client: ApiClient, nodeName: string, directory: string, clock: Clock = systemClock) {
    this.directories = new PodDirectories(directory, { memory: path.join(directory, 'memory') });
    const kubelet = new ClusterKubelet(
      {
        client,
        provider: new ProcessProvider(),
        images: new LocalPrograms(),
        directories: this.directories,
        log: quietLog,
        clock,
      },
      {
        description: describeTestNode(nodeName),
        dataDirectory: directory,
        settings: {
          ...defaultPodSettings,
          keepLogs: true,
          defaultUser: { uid: 0, gid: 0, groups: [] },
        },
      },
    );
    this.#running = kubelet.run(this.#abort);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#abort.abort();
    await this.#running;
  }
}
