import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Store } from '../../krator/cache/store.ts';
import { parsePod } from '../pods/parse-pod.ts';
import type { Pod } from '../pods/schema/pod.ts';
import { AllPods } from './all-pods.ts';
import { mirrorAnnotation } from './static-annotations.ts';

const podOf = (uid: string, metadata: object = {}): Pod =>
  parsePod({
    metadata: { name: 'web-n', namespace: 'default', uid, ...metadata },
    spec: { containers: [{ name: 'c', image: 'i' }] },
  });
const key = 'default/web-n';

function bench() {
  const [files, api] = [new Store<Pod, string>(), new Store<Pod, string>()];
  const refused: string[] = [];
  const changes: string[] = [];
  const all = new AllPods([files, api], {
    onRefused: ({ metadata }) => refused.push(metadata.uid),
  });
  all.store.subscribe(({ kind, object }) => changes.push(`${kind} ${object.metadata.uid}`));
  return { files, api, all, refused, changes };
}

describe('AllPods', () => {
  it('has the pods of all sources, and those that go no more', () => {
    const { files, api, all, refused, changes } = bench();
    files.put(podOf('file', { name: 'other' }));
    api.put(podOf('api'));
    assert.equal(all.store.size, 2);
    api.remove(key, podOf('api', { resourceVersion: '2' }));
    files.remove('default/other');
    assert.equal(all.store.size, 0);
    assert.deepEqual(changes, ['added file', 'added api', 'removed api', 'removed file']);
    assert.deepEqual(refused, []);
  });

  it('keeps a static pod where the API server has another of its name, before or after', () => {
    for (const isFirst of [true, false]) {
      const { files, api, all, refused } = bench();
      if (isFirst) api.put(podOf('api'));
      files.put(podOf('file'));
      if (!isFirst) api.put(podOf('api'));
      assert.equal(all.store.get(key)?.metadata.uid, 'file');
      assert.deepEqual(refused, ['api']);
      api.put(podOf('api', { deletionTimestamp: '2026-01-01T00:00:00Z' }));
      assert.deepEqual(refused, ['api', 'api']);
      api.remove(key);
      assert.equal(all.store.get(key)?.metadata.uid, 'file');
    }
  });

  it('runs the pod of the API server once the static one has gone', () => {
    const { files, api, all, changes } = bench();
    files.put(podOf('file'));
    api.put(podOf('api'));
    files.remove(key);
    assert.equal(all.store.get(key)?.metadata.uid, 'api');
    assert.deepEqual(changes, ['added file', 'removed file', 'added api']);
  });

  it('leaves mirrors out', () => {
    const { files, api, all, refused } = bench();
    const mirror = podOf('mirror', { annotations: { [mirrorAnnotation]: 'hash' } });
    api.put(mirror);
    assert.equal(all.store.size, 0);
    files.put(podOf('file'));
    api.remove(key);
    assert.equal(all.store.get(key)?.metadata.uid, 'file');
    assert.deepEqual(refused, []);
  });
});
