import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { skipWithoutCluster } from '../test-cluster.ts';
import { eventually } from './eventually.ts';
import { waiting } from './server-guests.ts';
import { ServerWorkbench } from './server-workbench.ts';

describe('kubectl debug', { skip: skipWithoutCluster, timeout: 60_000 }, () => {
  let bench: ServerWorkbench;

  before(async () => {
    bench = await ServerWorkbench.start();
    await bench.run('target', [{ guest: waiting }]);
  });
  after(() => bench[Symbol.asyncDispose]());

  it('is told that modules cannot be debugged from beside, and harms nothing', async () => {
    await bench.kubectl.run(
      'debug',
      'target',
      '--image=busybox',
      '--container=debugger',
      '--',
      'sh',
    );
    let described = '';
    await eventually(
      async () => {
        described = (await bench.kubectl.run('describe', 'pod', 'target')).stdout;
        return /modules cannot be debugged from beside: use kubectl exec/.test(described);
      },
      () => described,
      8,
    );
    assert.doesNotMatch(described, /Jan 0001/, 'it has times');
    const { code, stderr } = await bench.kubectl.run('logs', 'target', '--container=debugger');
    assert.equal(code, 1);
    const why = 'is terminated: modules cannot be debugged from beside: use kubectl exec';
    assert.ok(stderr.includes(`container "debugger" in pod "target" ${why}\n`), stderr);
    const { status } = await bench.until('target', () => true);
    assert.equal(status.phase, 'Running');
    assert.equal((await bench.kubectl.run('exec', 'target', '--', 'env')).code, 0);
  });
});
