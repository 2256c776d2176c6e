import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { describe, it } from 'node:test';
import { pods, serviceAccounts } from '../../src/kubelet/cluster/core-resources.ts';
import { parsePod } from '../../src/kubelet/pods/parse-pod.ts';
import { eventually } from './server/eventually.ts';
import { createNamespace, skipWithoutCluster, TestClient, testCluster } from './test-cluster.ts';

const program = path.resolve(import.meta.dirname, '../../scripts/podsmiter.ts');

describe('podsmiter', { skip: skipWithoutCluster, timeout: 60_000 }, () => {
  const smite = (...args: readonly string[]): string => {
    const env = { ...process.env, KUBECONFIG: testCluster().adminKubeconfig };
    const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
      env,
      encoding: 'utf8',
    });
    assert.equal(status, 0, stderr);
    return stdout;
  };

  it('says what it would do, does it for namespaces of tests, and leaves the others', async () => {
    await using admin = new TestClient(testCluster().admin);
    const namespace = await createNamespace(admin, 'wasi-e2e');
    const other = await createNamespace(admin, 'theirs');
    for (const place of [namespace, other]) {
      await eventually(
        async () => (await admin.list(serviceAccounts, { namespace: place })).items.length > 0,
      );
      const metadata = { name: 'stuck', namespace: place };
      const spec = { nodeName: 'gone', containers: [{ name: 'app', image: 'a' }] };
      await admin.create(pods, parsePod({ metadata, spec }));
    }
    assert.match(smite('--dry-run'), new RegExp(`Would remove pod ${namespace}/stuck`));
    assert.equal((await admin.list(pods, { namespace })).items.length, 1);
    smite();
    assert.equal((await admin.list(pods, { namespace })).items.length, 0);
    assert.equal((await admin.list(pods, { namespace: other })).items.length, 1);
  });
});
