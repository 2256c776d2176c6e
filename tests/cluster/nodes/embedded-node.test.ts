import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { LocalPrograms } from '../../../examples/provider/local-programs.ts';
import { ProcessProvider } from '../../../examples/provider/process-provider.ts';
import { runNode } from '../../../src/krustlet/embedding/run-node.ts';
import { formatKubeconfig } from '../../../src/kubernetes/kubeconfig/format-kubeconfig.ts';
import { nodes } from '../../../src/kubernetes/resources/node.ts';
import { freePorts } from '../../support/free-port.ts';
import { eventually } from '../server/eventually.ts';
import { Kubectl } from '../server/kubectl.ts';
import { approveServing } from '../server/serving-approver.ts';
import { createNamespace, skipWithoutCluster, TestClient, testCluster } from '../test-cluster.ts';

const name = 'embedded';
const address = process.env.KRUSTLET_TEST_ADDRESS ?? '127.0.0.1';

describe('runNode', { skip: skipWithoutCluster, timeout: 120_000 }, () => {
  it('is a node whose pods another provider runs, and serves kubectl', async () => {
    await using stack = new AsyncDisposableStack();
    const admin = stack.use(new TestClient(testCluster().admin));
    const stop = new AbortController();
    const approving = approveServing(admin, stop);
    const node = runNode(new ProcessProvider(), {
      settings: await settingsIn(temporaryDirectory(stack)),
      imageSource: new LocalPrograms(),
      logLevel: 'silent',
      signal: stop.signal,
    });
    stack.defer(async () => {
      stop.abort();
      await Promise.all([node, approving]);
    });
    await eventually(async () => (await runtimeOf(admin))?.startsWith('processes://') ?? false);
    const namespace = await createNamespace(admin, 'embedded');
    const kubectl = new Kubectl({ namespace });
    await eventually(async () => (await kubectl.run('get', 'sa', 'default')).code === 0);
    await kubectl.run('apply', '-f', podFile(temporaryDirectory(stack)));
    await kubectl.run('wait', '--for=jsonpath={.status.phase}=Succeeded', 'pod/greeting');
    const { stdout } = await kubectl.run('logs', 'greeting');
    assert.equal(stdout, 'Hello from a process\n');
  });
});

async function runtimeOf(admin: TestClient): Promise<string | undefined> {
  const { items } = await admin.list(nodes);
  const node = items.find(({ metadata }) => metadata.name === name);
  return node?.status?.nodeInfo?.containerRuntimeVersion;
}

async function settingsIn(directory: string) {
  const [listenerPort = 0, healthzPort = 0] = await freePorts(address, 2);
  const bootstrapFile = path.join(directory, 'bootstrap.conf');
  const { admin, bootstrapToken: token } = testCluster();
  const identity = { credential: { kind: 'token', token } } as const;
  writeFileSync(bootstrapFile, formatKubeconfig({ ...admin, identity }), { mode: 0o600 });
  const names = { nodeName: name, hostname: name, nodeIP: address };
  return { ...names, dataDir: directory, bootstrapFile, listenerPort, healthzPort };
}

function podFile(directory: string): string {
  const file = path.join(directory, 'pod.json');
  const args = ['-c', 'echo Hello from a process'];
  const spec = {
    nodeName: name,
    restartPolicy: 'Never',
    containers: [{ name: 'app', image: '/bin/sh', args }],
  };
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'greeting' }, spec };
  writeFileSync(file, JSON.stringify(pod));
  return file;
}

function temporaryDirectory(stack: AsyncDisposableStack): string {
  const directory = mkdtempSync(path.join(os.tmpdir(), 'krustlet-embedded-'));
  stack.defer(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}
