import assert from 'node:assert/strict';
import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import {
  mkdtempDisposableSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { pods } from '../../src/kubelet/cluster/core-resources.ts';
import { formatKubeconfig } from '../../src/kubernetes/kubeconfig/format-kubeconfig.ts';
import { loadKubeconfig } from '../../src/kubernetes/kubeconfig/load-kubeconfig.ts';
import { certificateSigningRequests } from '../../src/kubernetes/resources/certificate-signing-request.ts';
import { nodes } from '../../src/kubernetes/resources/node.ts';
import { skipWithoutCluster, TestClient, testCluster } from './test-cluster.ts';

const scripts = path.resolve(import.meta.dirname, '../../scripts');

describe('npm run test:e2e-standalone', { skip: skipWithoutCluster, timeout: 240_000 }, () => {
  let directory: string;

  before(() => {
    directory = mkdtempSync(path.join(os.tmpdir(), 'krustlet-e2e-'));
  });
  after(() => rmSync(directory, { recursive: true, force: true }));

  const run = (env: NodeJS.ProcessEnv, ...flags: readonly string[]) =>
    runScript('test-e2e-standalone.ts', directory, env, flags);

  it('passes on this cluster, and leaves neither node nor pods', async () => {
    const { status, stdout, stderr } = run({}, '--test-reporter=tap');
    assert.equal(status, 0, `${stdout}\n${stderr}`);
    assert.match(stdout, /^# fail 0$/m);
    assert.match(stdout, /^# pass 14$/m);
    await using admin = new TestClient(testCluster().admin);
    const { items } = await admin.list(nodes, { fieldSelector: 'metadata.name=krustlet-wasi' });
    assert.deepEqual(items, []);
    const fieldSelector = 'spec.nodeName=krustlet-wasi';
    assert.deepEqual((await admin.list(pods, { fieldSelector })).items, []);
  });

  it('ends with 1 where a test fails, and keeps what was said', () => {
    const flags = ['--test-name-pattern=test_container_args', '--test-reporter=tap'];
    const wrong = { KRUSTLET_E2E_IMAGE: 'file:/nowhere.wasm', KRUSTLET_E2E_PATIENCE: '3' };
    const { status, stdout, stderr } = run(wrong, ...flags);
    assert.equal(status, 1, `${stdout}\n${stderr}`);
    const kept = path.join(directory, 'oneclick-logs');
    assert.match(
      readFileSync(path.join(kept, 'krustlet-wasi.log'), 'utf8'),
      /Node 'krustlet-wasi' created/,
    );
    const said = readFileSync(path.join(kept, 'integration_tests.stdout'), 'utf8');
    assert.match(said, /not ok .*test_container_args/);
  });

  it('ends with 2 where a person has to do something first', () => {
    const stranger = path.join(directory, 'stranger.kubeconfig');
    writeFileSync(stranger, formatKubeconfig({ ...testCluster().admin, identity: {} }));
    const { status, stderr } = run({ KUBECONFIG: stranger });
    assert.equal(status, 2, stderr);
    assert.match(stderr, /^Cannot prepare the cluster: .*forbidden/);
  });
});

describe('npm run bootstrap', { skip: skipWithoutCluster }, () => {
  it('writes a file that nodes join with, and only once', async () => {
    using directory = mkdtempDisposableSync(path.join(os.tmpdir(), 'krustlet-bootstrap-'));
    const env = { CONFIG_DIR: path.join(directory.path, 'config') };
    const bootstrap = () => runScript('bootstrap.ts', directory.path, env, []);
    const { status, stderr } = bootstrap();
    assert.equal(status, 0, stderr);
    const file = path.join(env.CONFIG_DIR, 'bootstrap.conf');
    assert.equal(statSync(file).mode & 0o777, 0o600);
    await using joining = new TestClient(await loadKubeconfig(file));
    await joining.list(certificateSigningRequests);
    const before = readFileSync(file, 'utf8');
    assert.match(bootstrap().stdout, /is there/);
    assert.equal(readFileSync(file, 'utf8'), before);
  });
});

/** Runs a script as an administrator of this cluster. */
function runScript(
  name: string,
  cwd: string,
  env: NodeJS.ProcessEnv,
  flags: readonly string[],
): SpawnSyncReturns<string> {
  const program = path.join(scripts, name);
  return spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', program, ...flags], {
    cwd,
    encoding: 'utf8',
    env: {
      ...process.env,
      KUBECONFIG: testCluster().adminKubeconfig,
      KRUSTLET_NODE_IP: process.env.KRUSTLET_TEST_ADDRESS,
      // Else the tests inside believe that they are this one's.
      NODE_TEST_CONTEXT: undefined,
      ...env,
    },
  });
}
