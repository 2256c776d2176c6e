import assert from 'node:assert/strict';
import {
  configMaps,
  pods,
  secrets,
  serviceAccounts,
} from '../../src/kubelet/cluster/core-resources.ts';
import { parseConfigMap, parsePod, parseSecret } from '../../src/kubelet/pods/parse-pod.ts';
import type { Pod } from '../../src/kubelet/pods/schema/pod.ts';
import { ApiConnection } from '../../src/kubernetes/connection/api-connection.ts';
import { isObject } from '../../src/kubernetes/is-object.ts';
import { nodes } from '../../src/kubernetes/resources/node.ts';
import { eventually } from '../cluster/server/eventually.ts';
import { createNamespace, namespaces, TestClient } from '../cluster/test-cluster.ts';
import { provisionMockVolumes } from '../support/mock-provisioner.ts';
import type { E2eTarget } from './e2e-target.ts';

/** A container that does what its arguments say. */
export interface WasmerciserContainer {
  readonly name: string;
  readonly args: readonly string[];
  /** @default the target's */
  readonly image?: string;
  readonly [field: string]: unknown;
}

/** What a pod says besides its containers: fields of its spec, and its annotations. */
export interface PodFields {
  readonly annotations?: Readonly<Record<string, string>>;
  readonly initContainers?: readonly WasmerciserContainer[];
  readonly [field: string]: unknown;
}

/** A namespace that a test has for itself, on the cluster that is tested; it goes with the test. */
export class E2eNamespace implements AsyncDisposable {
  readonly name: string;
  readonly #target: E2eTarget;
  readonly #client: TestClient;

  /** @param test what it is called after, behind `wasi-e2e-`: see podsmiter */
  static async create(target: E2eTarget, test: string): Promise<E2eNamespace> {
    const client = new TestClient(target.access);
    const name = await createNamespace(client, `wasi-e2e-${test}`);
    // The admission plugin refuses pods until the namespace's ServiceAccount is there.
    await eventually(
      async () => (await client.list(serviceAccounts, { namespace: name })).items.length > 0,
    );
    return new E2eNamespace(name, target, client);
  }

  constructor(name: string, target: E2eTarget, client: TestClient) {
    this.name = name;
    this.#target = target;
    this.#client = client;
  }

  async createConfigMap(name: string, data: Readonly<Record<string, string>>): Promise<void> {
    const metadata = { name, namespace: this.name };
    await this.#client.create(configMaps, parseConfigMap({ metadata, data }));
  }

  async createSecret(
    name: string,
    stringData: Readonly<Record<string, string>>,
    type = 'Opaque',
  ): Promise<void> {
    // Written as it is: what the parser makes of `data` is bytes.
    const body = { metadata: { name }, type, stringData };
    const path = `/api/v1/namespaces/${this.name}/secrets`;
    parseSecret(body);
    await this.#client.request({ method: 'POST', path, body });
    await this.#client.get(secrets, { name, namespace: this.name });
  }

  /** Creates the pod on the node that is tested, and gives it once it has ended. */
  async run(
    name: string,
    containers: readonly WasmerciserContainer[],
    fields: PodFields = {},
  ): Promise<Pod> {
    const created = await this.#client.create(pods, this.#podOf(name, containers, fields));
    assert.equal(created.status.phase, 'Pending');
    let last = created;
    await eventually(
      async () => {
        last = await this.#client.get(pods, { name, namespace: this.name });
        return last.status.phase === 'Succeeded' || last.status.phase === 'Failed';
      },
      () => JSON.stringify(last.status, null, 1),
      this.#target.patience,
    );
    return last;
  }

  /** What a container has written. */
  async log(pod: string, container: string): Promise<string> {
    await using connection = new ApiConnection(this.#target.access);
    const path = `/api/v1/namespaces/${this.name}/pods/${pod}/log`;
    const body = await connection.send({ method: 'GET', path, query: { container } });
    return await body.text();
  }

  /** Has a driver be one of the cluster while the namespace is, whose volumes are made as they are claimed. */
  async useCsiDriver(driver: string, storageClass: string): Promise<AsyncDisposable> {
    const paths = {
      CSIDriver: '/apis/storage.k8s.io/v1/csidrivers',
      StorageClass: '/apis/storage.k8s.io/v1/storageclasses',
    };
    const stack = new AsyncDisposableStack();
    const create = async (kind: keyof typeof paths, name: string, body: object) => {
      const metadata = { name };
      await this.#client.request({
        method: 'POST',
        path: paths[kind],
        body: { metadata, ...body },
      });
      stack.defer(async () => {
        await this.#client.request({ method: 'DELETE', path: `${paths[kind]}/${name}` });
      });
    };
    await create('CSIDriver', driver, { spec: { attachRequired: false } });
    await create('StorageClass', storageClass, { provisioner: driver });
    const ending = new AbortController();
    const provisioning = provisionMockVolumes(this.#client, driver, storageClass, ending);
    stack.defer(async () => {
      ending.abort();
      await provisioning;
    });
    return stack;
  }

  async createClaim(name: string, storageClassName: string): Promise<void> {
    const path = `/api/v1/namespaces/${this.name}/persistentvolumeclaims`;
    const resources = { requests: { storage: '1Mi' } };
    const spec = { storageClassName, accessModes: ['ReadWriteOnce'], resources };
    await this.#client.request({ method: 'POST', path, body: { metadata: { name }, spec } });
  }

  /** A folder of the node, by its name in the node's configuration. */
  async nodeDirectory(setting: string): Promise<string> {
    const { name } = this.#target.node.metadata;
    const path = `/api/v1/nodes/${name}/proxy/configz`;
    const answer = await this.#client.request({ method: 'GET', path });
    assert.ok(isObject(answer) && isObject(answer.kubeletconfig));
    const directory = answer.kubeletconfig[setting];
    assert.ok(typeof directory === 'string');
    return directory;
  }

  /** Resolves once the node has so much of a resource to give. */
  async untilNodeHas(resource: string, amount: string): Promise<void> {
    const { name } = this.#target.node.metadata;
    await eventually(
      async () =>
        (await this.#client.get(nodes, { name })).status?.allocatable?.[resource] === amount,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await using client = this.#client;
    await client.delete(namespaces, { name: this.name });
  }

  #podOf(
    name: string,
    containers: readonly WasmerciserContainer[],
    { annotations = {}, initContainers = [], ...spec }: PodFields,
  ): Pod {
    const { labels } = this.#target.node.metadata;
    return parsePod({
      metadata: { name, namespace: this.name, annotations },
      spec: {
        // Krustlet 1 did not read it and ended pods of every policy.
        restartPolicy: 'Never',
        nodeSelector: {
          'kubernetes.io/arch': 'wasm32-wasi',
          'kubernetes.io/hostname': labels?.['kubernetes.io/hostname'] ?? '',
        },
        tolerations: ['NoExecute', 'NoSchedule'].map((effect) => ({
          effect,
          key: 'kubernetes.io/arch',
          operator: 'Equal',
          value: 'wasm32-wasi',
        })),
        containers: containers.map((container) => this.#withImage(container)),
        initContainers: initContainers.map((container) => this.#withImage(container)),
        ...spec,
      },
    });
  }

  #withImage(container: WasmerciserContainer): WasmerciserContainer {
    return { image: this.#target.image, imagePullPolicy: 'IfNotPresent', ...container };
  }
}
