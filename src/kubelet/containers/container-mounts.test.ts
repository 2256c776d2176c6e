import assert from 'node:assert/strict';
import { mkdtemp, realpath, rm, stat, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { parsePod } from '../pods/parse-pod.ts';
import { containerMounts, terminationLogOf } from './container-mounts.ts';

describe('containerMounts', () => {
  let root = '';
  beforeEach(async () => {
    root = await realpath(await mkdtemp(path.join(tmpdir(), 'krustlet-mounts-')));
  });
  afterEach(() => rm(root, { recursive: true }));

  function container(volumeMount: object, more: object = {}) {
    const volumeMounts = [{ name: 'v', mountPath: '/data', ...volumeMount }];
    const pod = parsePod({
      metadata: { name: 'p' },
      spec: {
        containers: [{ name: 'c', image: 'i', volumeMounts, ...more }],
        volumes: [{ name: 'v', emptyDir: {} }],
      },
    });
    const [first] = pod.spec.containers;
    if (first === undefined) throw new Error('no container');
    return first;
  }

  async function mountsOf(volumeMount: object) {
    const volumes = new Map([['v', { path: root, readOnly: false }]]);
    const variables = new Map([['NAME', 'from-env']]);
    return await containerMounts(container(volumeMount), volumes, variables);
  }

  const whole = { containerPath: '/data', readOnly: false };

  it('keeps a sub-path apart from its volume, for whoever mounts it, and makes it', async () => {
    const [mount] = await mountsOf({ subPath: 'a/./b' });
    assert.deepEqual(mount, { ...whole, hostPath: root, subPath: 'a/b' });
    assert.ok((await stat(path.join(root, 'a', 'b'))).isDirectory());
    const [named] = await mountsOf({ subPathExpr: '$(NAME)' });
    assert.equal(named?.subPath, 'from-env');
  });

  it('mounts the whole volume without one', async () => {
    assert.deepEqual(await mountsOf({}), [{ ...whole, hostPath: root }]);
    assert.deepEqual(await mountsOf({ subPath: '.' }), [{ ...whole, hostPath: root }]);
  });

  it('refuses one that leads out of the volume', async () => {
    await symlink('/etc', path.join(root, 'out'));
    await assert.rejects(mountsOf({ subPath: 'out' }), { code: 'FailedMount' });
  });

  it('finds the last words below a sub-path', async () => {
    const mounts = await mountsOf({ subPath: 'a' });
    const writer = container({ subPath: 'a' }, { terminationMessagePath: '/data/log/end' });
    assert.deepEqual(terminationLogOf(writer, mounts), { mount: root, file: 'a/log/end' });
  });
});
