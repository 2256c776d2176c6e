import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PodParser } from './pod-parser.ts';

const podOf = (
  resourceVersion: string,
  { image = 'a', ...metadata }: Record<string, unknown> = {},
) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: 'p',
    namespace: 'n',
    uid: '1-2-3',
    resourceVersion,
    managedFields: [{ manager: 'kubectl' }],
    ...metadata,
  },
  spec: { containers: [{ name: 'c', image }] },
  status: { phase: 'Pending', message: resourceVersion },
});

describe('PodParser', () => {
  it('gives the same pod for the same version', () => {
    const parser = new PodParser();
    const pod = parser.parse(podOf('1'));
    assert.equal(pod.spec.restartPolicy, 'Always');
    assert.equal(parser.parse(podOf('1')), pod);
  });

  it('believes no pod of the API server that a file has it, but a mirror that it shows such', () => {
    const sourceOf = (annotations: object) =>
      new PodParser().parse(podOf('1', { annotations })).metadata.annotations;
    const [source, mirror] = ['kubernetes.io/config.source', 'kubernetes.io/config.mirror'];
    assert.deepEqual(sourceOf({ [source]: 'file', a: 'b' }), { [source]: 'api', a: 'b' });
    const mirrored = { [source]: 'file', [mirror]: 'hash' };
    assert.deepEqual(sourceOf(mirrored), mirrored);
    assert.deepEqual(sourceOf({ a: 'b' }), { a: 'b' });
  });

  it('shares a spec that has not changed, and reads the rest of a new version', () => {
    const parser = new PodParser();
    const first = parser.parse(podOf('1'));
    const second = parser.parse(podOf('2', { labels: { a: 'b' } }));
    assert.equal(second.spec, first.spec);
    assert.deepEqual(second.metadata.labels, { a: 'b' });
    assert.equal(second.status.message, '2');
  });

  it('reads a spec that has changed', () => {
    const parser = new PodParser();
    parser.parse(podOf('1'));
    assert.equal(parser.parse(podOf('2', { image: 'b' })).spec.containers[0]?.image, 'b');
  });

  it('refuses a new version whose metadata is wrong', () => {
    const parser = new PodParser();
    parser.parse(podOf('1'));
    assert.throws(() => parser.parse(podOf('2', { name: 'P' })), /metadata.name/);
    assert.throws(() => parser.parse(podOf('2', { labels: [] })), /metadata.labels/);
  });

  it('forgets a pod with its last version', () => {
    const parser = new PodParser();
    const gone = podOf('2', { deletionGracePeriodSeconds: 0 });
    assert.notEqual(parser.parse(gone), parser.parse(gone));
  });

  it('leaves out who wrote which field', () => {
    const { metadata } = new PodParser().parse(podOf('1'));
    assert.equal(metadata.managedFields, undefined);
  });
});
