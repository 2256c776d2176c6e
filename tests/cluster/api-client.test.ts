import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { KubernetesObject } from '../../src/kubernetes/api/object.ts';
import { parserOf, type Resource } from '../../src/kubernetes/api/resource.ts';
import type { WatchEvent } from '../../src/kubernetes/api/watch-event.ts';
import { createNamespace, skipWithoutCluster, TestClient, testCluster } from './test-cluster.ts';

interface ConfigMap extends KubernetesObject {
  readonly data?: Readonly<Record<string, string>>;
  readonly immutable?: boolean;
}

const configMaps: Resource<ConfigMap> = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  plural: 'configmaps',
  namespaced: true,
  parse: parserOf('ConfigMap'),
};

describe('ApiClient', { skip: skipWithoutCluster, timeout: 60_000 }, () => {
  let client: TestClient;
  let namespace: string;

  before(async () => {
    client = new TestClient(testCluster().admin);
    namespace = await createNamespace(client, 'api-client');
  });
  after(() => client[Symbol.asyncDispose]());

  const create = (name: string, data: Record<string, string> = {}): Promise<ConfigMap> =>
    client.create(configMaps, { metadata: { name, namespace }, data });

  it('creates, gets, replaces and deletes an object', async () => {
    const created = await create('life', { a: '1' });
    assert.ok(created.metadata.uid);
    assert.deepEqual(await client.get(configMaps, { name: 'life', namespace }), created);
    const replaced = await client.replace(configMaps, { ...created, data: { a: '2' } });
    assert.deepEqual(replaced.data, { a: '2' });
    await client.delete(configMaps, { name: 'life', namespace }, { uid: created.metadata.uid });
    await assert.rejects(client.get(configMaps, { name: 'life', namespace }), {
      code: 'NotFound',
      status: 404,
      message: `GET /api/v1/namespaces/${namespace}/configmaps/life: configmaps "life" not found`,
    });
  });

  it('lists what the selectors select', async () => {
    await client.create(configMaps, {
      metadata: { name: 'labelled', namespace, labels: { colour: 'blue' } },
    });
    const byLabel = await client.list(configMaps, { namespace, labelSelector: 'colour=blue' });
    const byField = await client.list(configMaps, {
      namespace,
      fieldSelector: 'metadata.name=labelled',
    });
    assert.deepEqual(byLabel.items, byField.items);
    assert.equal(byLabel.items[0]?.kind, 'ConfigMap');
    assert.match(byLabel.resourceVersion, /^\d+$/);
  });

  const patches = [
    { kind: 'merge', body: { data: { a: null, b: '2' } } },
    { kind: 'strategic', body: { data: { a: null, b: '2' } } },
    {
      kind: 'json',
      body: [
        { op: 'remove', path: '/data/a' },
        { op: 'add', path: '/data/b', value: '2' },
      ],
    },
  ] as const;
  for (const patch of patches) {
    it(`patches by ${patch.kind}`, async () => {
      const { metadata } = await create(`patched-${patch.kind}`, { a: '1' });
      const { data } = await client.patch(configMaps, metadata, patch);
      assert.deepEqual(data, { b: '2' });
    });
  }

  it('applies', async () => {
    const body = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'applied' },
      data: { a: '1' },
    };
    const place = { name: 'applied', namespace };
    const { data } = await client.patch(configMaps, place, { kind: 'apply', body, force: true });
    assert.deepEqual(data, { a: '1' });
  });

  it('tells refusals apart by their code', async () => {
    const created = await create('refused');
    await assert.rejects(create('refused'), { code: 'AlreadyExists', status: 409 });
    await client.patch(configMaps, created.metadata, { kind: 'merge', body: { data: { a: '1' } } });
    await assert.rejects(client.replace(configMaps, created), { code: 'Conflict' });
    await assert.rejects(create('Not A Name'), { code: 'Invalid', status: 422 });
    await assert.rejects(
      client.delete(configMaps, created.metadata, { uid: '00000000-0000-0000-0000-000000000000' }),
      { code: 'Conflict' },
    );
    await using nobody = new TestClient({ ...testCluster().admin, identity: {} });
    await assert.rejects(nobody.list(configMaps, { namespace }), { code: 'Forbidden' });
    const credential = { kind: 'token', token: 'wrong' } as const;
    await using stranger = new TestClient({ ...testCluster().admin, identity: { credential } });
    await assert.rejects(stranger.list(configMaps, { namespace }), { code: 'Unauthorized' });
  });

  it('does not speak to a server that another authority has signed', async () => {
    const access = { ...testCluster().admin, certificateAuthority: undefined };
    await using client = new TestClient(access);
    await assert.rejects(client.list(configMaps), { code: 'Unreachable' });
  });

  it('watches from a version, and ends with the signal', async () => {
    const { resourceVersion } = await client.list(configMaps, { namespace });
    const abort = new AbortController();
    const seen: string[] = [];
    const watch = client.watch(configMaps, { namespace }, resourceVersion, abort);
    const made = create('watched').then(async ({ metadata }) => {
      await client.patch(configMaps, metadata, { kind: 'merge', body: { data: { a: '1' } } });
      await client.delete(configMaps, metadata);
    });
    await assert.rejects(async () => {
      for await (const event of watch) {
        seen.push(nameOf(event));
        if (event.type === 'DELETED') abort.abort(new Error('seen enough'));
      }
    }, /seen enough/);
    await made;
    assert.deepEqual(seen, ['ADDED watched', 'MODIFIED watched', 'DELETED watched']);
  });
});

function nameOf(event: WatchEvent<ConfigMap>): string {
  return event.type === 'BOOKMARK' ? event.type : `${event.type} ${event.object.metadata.name}`;
}
