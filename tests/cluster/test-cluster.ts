import { randomBytes } from 'node:crypto';
import { ApiClient } from '../../src/kubernetes/api/api-client.ts';
import type { KubernetesObject } from '../../src/kubernetes/api/object.ts';
import { parserOf, type Resource } from '../../src/kubernetes/api/resource.ts';
import { ApiConnection } from '../../src/kubernetes/connection/api-connection.ts';
import type { ClusterAccess } from '../../src/kubernetes/connection/cluster-access.ts';
import type { ControlPlane } from './control-plane.ts';

/** The run's control plane, as a test file sees it. */
export interface TestCluster {
  /** Folder with the authority (`ca.crt`, `ca.key`), logs and kubeconfigs. */
  readonly directory: string;
  /** kubeconfig file with every right, for kubectl. */
  readonly adminKubeconfig: string;
  readonly admin: ClusterAccess;
  /** `id.secret` that nodes join with. */
  readonly bootstrapToken: string;
}

/** What test files are told of the control plane. */
export function toTestCluster(controlPlane: ControlPlane): TestCluster {
  const admin = controlPlane.adminAccess;
  return {
    directory: controlPlane.directory,
    adminKubeconfig: controlPlane.writeKubeconfig('admin', admin.identity),
    admin,
    bootstrapToken: controlPlane.bootstrapToken.token,
  };
}

/** Why cluster tests cannot run here, for `describe(name, { skip })`. */
export const skipWithoutCluster: string | false = process.env.KRUSTLET_TEST_CLUSTER
  ? false
  : 'no control plane: run `npm run test:cluster`';

/** The run's control plane; only where tests are not skipped. */
export function testCluster(): TestCluster {
  const text = process.env.KRUSTLET_TEST_CLUSTER;
  if (text === undefined)
    throw new Error('Cannot find the control plane: run `npm run test:cluster`');
  // Written by global-setup.ts of the same run.
  return JSON.parse(text) as TestCluster;
}

/** A client, and the connections that end with it. */
export class TestClient extends ApiClient implements AsyncDisposable {
  readonly #connection: ApiConnection;

  constructor(access: ClusterAccess) {
    const connection = new ApiConnection(access, { userAgent: 'krustlet-tests' });
    super({ connection });
    this.#connection = connection;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection[Symbol.asyncDispose]();
  }
}

/** core/v1 Namespace. */
export const namespaces: Resource<KubernetesObject> = {
  apiVersion: 'v1',
  kind: 'Namespace',
  plural: 'namespaces',
  namespaced: false,
  parse: parserOf('Namespace'),
};

/** A namespace of a test file's own, which goes away with the cluster. */
export async function createNamespace(client: ApiClient, prefix: string): Promise<string> {
  const name = `${prefix}-${randomBytes(3).toString('hex')}`;
  await client.create(namespaces, { metadata: { name } });
  return name;
}
