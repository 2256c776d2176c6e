import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ClientCredentials } from '../../src/kubelet/node/credentials/client-credentials.ts';
import { ServingCredentials } from '../../src/kubelet/node/credentials/serving-credentials.ts';
import { discoverCluster } from '../../src/kubelet/node/join/discover-cluster.ts';
import { publicKeyPin } from '../../src/kubelet/node/join/public-key-pin.ts';
import { NodeAgent } from '../../src/kubelet/node/node-agent.ts';
import type { NodeLog } from '../../src/kubelet/node/node-log.ts';
import type { NodeDescription } from '../../src/kubelet/node/registration/node-description.ts';
import { ApiClient } from '../../src/kubernetes/api/api-client.ts';
import { isApiError } from '../../src/kubernetes/api/api-error.ts';
import { type Clock, systemClock } from '../../src/kubernetes/clock.ts';
import { ApiConnection } from '../../src/kubernetes/connection/api-connection.ts';
import { formatKubeconfig } from '../../src/kubernetes/kubeconfig/format-kubeconfig.ts';
import { certificateSigningRequests } from '../../src/kubernetes/resources/certificate-signing-request.ts';
import { leases } from '../../src/kubernetes/resources/lease.ts';
import { type Node, nodes } from '../../src/kubernetes/resources/node.ts';
import { skipWithoutCluster, TestClient, testCluster } from './test-cluster.ts';
import { describeTestNode } from './test-kubelet.ts';

const nodeName = 'wasm-1';
const day = 24 * 60 * 60 * 1000;

/** A clock that can be set. */
class ShiftedClock implements Clock {
  offset = 0;
  now(): number {
    return Date.now() + this.offset;
  }
  sleep(milliseconds: number, options: { signal?: AbortSignal } = {}): Promise<void> {
    return systemClock.sleep(Math.min(milliseconds, 50), options);
  }
}

const description = describeTestNode(nodeName);

describe('a node', { skip: skipWithoutCluster, timeout: 120_000 }, () => {
  let directory: string;
  let admin: TestClient;
  const clock = new ShiftedClock();
  const said: string[] = [];
  const log: NodeLog = {
    info: (message) => said.push(message),
    warn: (message) => said.push(`warning: ${message}`),
  };

  before(() => {
    directory = mkdtempSync(path.join(os.tmpdir(), 'krustlet-node-'));
    admin = new TestClient(testCluster().admin);
  });
  after(async () => {
    await admin[Symbol.asyncDispose]();
    rmSync(directory, { recursive: true, force: true });
  });

  const file = (name: string): string => path.join(directory, name);
  const credentials = (): ClientCredentials =>
    new ClientCredentials(
      { log, clock },
      { nodeName, kubeconfigFile: file('kubeconfig'), bootstrapFile: file('bootstrap.conf') },
    );
  const eventually = async (check: () => Promise<boolean> | boolean): Promise<void> => {
    const deadline = Date.now() + 20_000;
    while (!(await check())) {
      assert.ok(Date.now() < deadline, `not in time; the node said: ${said.join('\n')}`);
      await sleep(50);
    }
  };

  describe('discoverCluster', () => {
    const authority = (): string => testCluster().admin.certificateAuthority ?? '';
    const joining = (changes: object) => ({
      server: testCluster().admin.server,
      token: testCluster().bootstrapToken,
      caCertHashes: [publicKeyPin(authority())],
      ...changes,
    });

    it('finds the cluster that the token has signed and the hash recognises', async () => {
      const access = await discoverCluster(joining({}));
      assert.equal(access.server, testCluster().admin.server);
      assert.equal(access.certificateAuthority, authority());
      writeFileSync(file('bootstrap.conf'), formatKubeconfig(access));
    });

    it('finds it by the token alone only where that is asked for', async () => {
      const server = testCluster().admin.server.replace('https://', '');
      await discoverCluster(joining({ server, caCertHashes: [], unsafeSkipCaVerification: true }));
      await assert.rejects(discoverCluster(joining({ caCertHashes: [] })), {
        code: 'InvalidArgument',
      });
    });

    it('refuses an authority with another key, and a token with another secret', async () => {
      const caCertHashes = [`sha256:${'0'.repeat(64)}`];
      await assert.rejects(discoverCluster(joining({ caCertHashes })), { code: 'NotTrusted' });
      const token = `${testCluster().bootstrapToken.slice(0, 7)}0123456789abcdef`;
      await assert.rejects(discoverCluster(joining({ token })), { code: 'NotTrusted' });
    });

    it('refuses what is no token, no hash and no server', async () => {
      for (const wrong of [{ token: 'abc' }, { caCertHashes: ['md5:0'] }, { server: 'http://a' }]) {
        await assert.rejects(discoverCluster(joining(wrong)), { code: 'InvalidArgument' });
      }
    });

    it('says that nobody has signed with the token', async () => {
      const token = '000000.0123456789abcdef';
      await assert.rejects(discoverCluster(joining({ token }), { timeout: 0 }), {
        code: 'NotReady',
      });
      const told: string[] = [];
      const onWait = (message: string) => void told.push(message);
      await assert.rejects(discoverCluster(joining({ token }), { timeout: 1_500, onWait }));
      assert.equal(told.length, 1);
      assert.match(told[0] ?? '', /has not signed its cluster-info with token '000000' yet/);
    });
  });

  describe('ClientCredentials', () => {
    it('bootstraps a certificate into a kubeconfig that only its owner can read', async () => {
      const access = await credentials().load();
      assert.equal(statSync(file('kubeconfig')).mode & 0o777, 0o600);
      const { subject } = new X509Certificate(access.identity.clientCertificate?.certificate ?? '');
      assert.equal(subject, 'O=system:nodes\nCN=system:node:wasm-1');
      await using node = new TestClient(access);
      await assert.rejects(node.list(nodes), { code: 'Forbidden' });
    });

    it('uses the kubeconfig it has', async () => {
      const before = readFileSync(file('kubeconfig'), 'utf8');
      await credentials().load();
      assert.equal(readFileSync(file('kubeconfig'), 'utf8'), before);
    });

    it('renews the certificate in its time, and connections use the new one', async () => {
      const access = await credentials().load();
      await using connection = new ApiConnection(access);
      const abort = new AbortController();
      const before = readFileSync(file('kubeconfig'), 'utf8');
      clock.offset = 0.95 * 365 * day;
      const running = credentials().run(connection, abort);
      await eventually(() => readFileSync(file('kubeconfig'), 'utf8') !== before);
      abort.abort();
      await running;
      clock.offset = 0;
      const client = new ApiClient({ connection });
      await assert.rejects(client.get(nodes, { name: nodeName }), { code: 'NotFound' });
    });

    it('bootstraps again when the certificate has expired', async () => {
      const before = readFileSync(file('kubeconfig'), 'utf8');
      clock.offset = 2 * 365 * day;
      await credentials().load();
      clock.offset = 0;
      assert.notEqual(readFileSync(file('kubeconfig'), 'utf8'), before);
      assert.ok(said.some((message) => message.includes('has expired')));
    });

    it("refuses another node's kubeconfig", async () => {
      const other = new ClientCredentials(
        { log },
        { nodeName: 'other', kubeconfigFile: file('kubeconfig'), bootstrapFile: file('none') },
      );
      await assert.rejects(other.load(), { name: 'NoCredentialsError' });
    });
  });

  describe('ServingCredentials', () => {
    it('serves self-signed until an administrator approves, and renews', async () => {
      const access = await credentials().load();
      await using client = new TestClient(access);
      const serving = new ServingCredentials(
        { log, clock },
        {
          nodeName,
          hostname: nodeName,
          ipAddresses: ['10.77.0.1'],
          certificateFile: file('krustlet.crt'),
          keyFile: file('krustlet.key'),
        },
      );
      const selfSigned = new X509Certificate(serving.current.certificate);
      assert.ok(selfSigned.verify(selfSigned.publicKey));
      const received: string[] = [];
      serving.subscribe(({ certificate }) => received.push(certificate));
      const abort = new AbortController();
      const running = serving.run(client, abort);
      await eventually(() =>
        said.some((message) => message.includes('`kubectl certificate approve wasm-1-tls`')),
      );
      await approve('wasm-1-tls');
      await eventually(() => received.length === 1);
      const certificate = new X509Certificate(serving.current.certificate);
      assert.equal(certificate.subject, 'O=system:nodes\nCN=system:node:wasm-1');
      assert.equal(certificate.subjectAltName, 'DNS:wasm-1, IP Address:10.77.0.1');
      assert.ok(
        certificate.verify(
          new X509Certificate(testCluster().admin.certificateAuthority ?? '').publicKey,
        ),
      );
      clock.offset = 0.95 * 365 * day;
      await eventually(async () => (await pendingServing()).length === 1);
      clock.offset = 0;
      for (const name of await pendingServing()) await approve(name);
      await eventually(() => received.length === 2);
      assert.equal(statSync(file('krustlet.key')).mode & 0o777, 0o600);
      abort.abort();
      await running;
    });

    async function pendingServing(): Promise<string[]> {
      const { items } = await admin.list(certificateSigningRequests);
      return items
        .filter(({ spec, status }) => spec.signerName.endsWith('serving') && !status?.conditions)
        .map(({ metadata }) => metadata.name);
    }

    async function approve(name: string): Promise<void> {
      const approved = {
        type: 'Approved',
        status: 'True',
        reason: 'Test',
        message: 'by a test',
      } as const;
      const body = { status: { conditions: [approved] } };
      await admin.patch(
        certificateSigningRequests,
        { name },
        { kind: 'merge', body },
        { subresource: 'approval' },
      );
    }
  });

  describe('NodeAgent', () => {
    async function withAgent(
      changes: Partial<NodeDescription>,
      test: (agent: NodeAgent) => Promise<void>,
    ): Promise<void> {
      await using client = new TestClient(await credentials().load());
      const abort = new AbortController();
      const agent = new NodeAgent(
        {
          client,
          log,
          description: { ...description, ...changes },
          pressures: async () => new Set(),
        },
        { statusInterval: 100, leaseDurationSeconds: 4 },
      );
      const running = agent.run(abort);
      try {
        await agent.registered;
        await test(agent);
      } finally {
        abort.abort();
        await running;
      }
    }
    const readyOf = (node: Node | undefined) =>
      node?.status?.conditions?.find(({ type }) => type === 'Ready');

    it('registers, becomes Ready, keeps its lease and learns its podCIDR', () =>
      withAgent({}, async (agent) => {
        await eventually(async () => {
          const node = await admin.get(nodes, { name: nodeName });
          return readyOf(node)?.status === 'True';
        });
        await eventually(() => (agent.node?.spec?.podCIDRs?.length ?? 0) > 0);
        const place = { name: nodeName, namespace: 'kube-node-lease' };
        await eventually(() => exists(() => admin.get(leases, place)));
        const { spec, metadata } = await admin.get(leases, place);
        assert.equal(metadata.ownerReferences?.[0]?.uid, agent.node?.metadata.uid);
        await eventually(async () => {
          const renewed = await admin.get(leases, place);
          return renewed.spec.renewTime !== spec.renewTime;
        });
        const node = await admin.get(nodes, { name: nodeName });
        assert.deepEqual(node.status?.capacity, description.capacity);
        assert.deepEqual(node.status?.addresses, [
          { type: 'InternalIP', address: '10.77.0.1' },
          { type: 'Hostname', address: 'wasm-1' },
        ]);
        assert.equal(node.status?.conditions?.length, 4);
        assert.ok(node.spec?.taints?.some(({ key }) => key === 'kubernetes.io/arch'));
      }));

    it('writes nothing while nothing changes', () =>
      withAgent({}, async (agent) => {
        await sleep(300);
        const version = agent.node?.metadata.resourceVersion;
        await sleep(1_000);
        assert.equal(agent.node?.metadata.resourceVersion, version);
      }));

    it('brings a Node that is there up to date', () =>
      withAgent({ port: 3001, labels: { ...description.labels, rack: 'r1' } }, async () => {
        await eventually(async () => {
          const { metadata, status } = await admin.get(nodes, { name: nodeName });
          return (
            metadata.labels?.rack === 'r1' && status?.daemonEndpoints?.kubeletEndpoint.Port === 3001
          );
        });
      }));

    it('registers again when its Node was deleted', () =>
      withAgent({}, async (agent) => {
        const uid = agent.node?.metadata.uid;
        await admin.delete(nodes, { name: nodeName });
        await eventually(() => exists(() => admin.get(nodes, { name: nodeName })));
        assert.notEqual((await admin.get(nodes, { name: nodeName })).metadata.uid, uid);
      }));

    it('says that it is shutting down', () =>
      withAgent({}, async (agent) => {
        await eventually(() => readyOf(agent.node)?.status === 'True');
        await agent.markShuttingDown();
        const ready = readyOf(await admin.get(nodes, { name: nodeName }));
        assert.equal(ready?.status, 'False');
        assert.equal(ready?.message, 'node is shutting down');
      }));

    async function exists(get: () => Promise<unknown>): Promise<boolean> {
      try {
        await get();
        return true;
      } catch (error) {
        if (isApiError(error, 'NotFound')) return false;
        throw error;
      }
    }
  });
});
