import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, readlink, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { makeDeepTree } from '../../../tests/support/make-deep-tree.ts';
import { ManualClock } from '../../../tests/support/manual-clock.ts';
import { Manifest } from '../../krator/states/manifest.ts';
import type { ObjectReader } from '../object-reader.ts';
import { parseConfigMap, parsePod, parseSecret } from '../pods/parse-pod.ts';
import { PodDirectories } from '../pods/pod-directories.ts';
import type { Pod } from '../pods/schema/pod.ts';
import { ManifestObjects } from '../standalone/manifest-objects.ts';
import { PodVolumes } from './pod-volumes.ts';

describe('PodVolumes', () => {
  let root = '';
  let objects: ManifestObjects;
  let clock: ManualClock;
  beforeEach(async () => {
    root = await mkdtemp(path.join(tmpdir(), 'krustlet-volumes-'));
    objects = new ManifestObjects();
    objects.putConfigMap(
      parseConfigMap({ metadata: { name: 'settings' }, data: { a: '1', b: '2' } }),
    );
    objects.putSecret(parseSecret({ metadata: { name: 'keys' }, stringData: { token: 'hush' } }));
    clock = new ManualClock(Date.parse('2026-01-01T00:00:00Z'));
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  const podOf = (volumes: readonly object[], metadata: object = {}) =>
    parsePod({
      metadata: { name: 'p', uid: 'u', labels: { app: 'web' }, ...metadata },
      spec: { containers: [{ name: 'c', image: 'i' }], volumes },
    });

  function volumesOf(manifest: Manifest<Pod>, reader: ObjectReader = objects): PodVolumes {
    return new PodVolumes({
      manifest,
      directories: new PodDirectories(root, { memory: path.join(root, 'memory') }),
      objects: reader,
      images: { directory: async () => path.join(root, 'image') },
      node: { nodeName: 'n', hostIPs: ['10.0.0.1'], allocatable: { cpu: '2' } },
      clock,
    });
  }

  async function mount(...volumes: readonly object[]): Promise<PodVolumes> {
    const mounted = volumesOf(new Manifest(podOf(volumes)));
    await mounted.mount(['127.64.0.2']);
    return mounted;
  }

  const read = (volumes: PodVolumes, name: string, file: string) =>
    readFile(path.join(volumes.mounted.get(name)?.path ?? '', file), 'utf8');

  it('lays volumes out as the kubelet does, those with given content in memory', async () => {
    await mkdir(path.join(root, 'image'));
    const volumes = await mount(
      { name: 'c', configMap: { name: 'settings' } },
      { name: 's', secret: { secretName: 'keys' } },
      { name: 'e', emptyDir: {} },
      { name: 'i', image: { reference: 'r' } },
    );
    const at = (place: string, plugin: string, name: string) =>
      path.join(root, place, 'u', 'volumes', plugin, name);
    assert.deepEqual([...volumes.mounted.keys()].sort(), ['c', 'e', 'i', 's']);
    assert.equal(volumes.mounted.get('c')?.path, at('memory', 'kubernetes.io~configmap', 'c'));
    assert.equal(volumes.mounted.get('s')?.path, at('memory', 'kubernetes.io~secret', 's'));
    assert.equal(volumes.mounted.get('e')?.path, at('pods', 'kubernetes.io~empty-dir', 'e'));
    assert.deepEqual(
      [...volumes.mounted]
        .filter(([, { readOnly }]) => readOnly)
        .map(([name]) => name)
        .sort(),
      ['c', 'i', 's'],
    );
    assert.equal(await read(volumes, 's', 'token'), 'hush');
  });

  it('gives items their paths and modes', async () => {
    const items = [
      { key: 'a', path: 'deep/down/a.txt', mode: 0o400 },
      { key: 'b', path: 'b' },
    ];
    const volumes = await mount({
      name: 'c',
      configMap: { name: 'settings', items, defaultMode: 0o640 },
    });
    const directory = volumes.mounted.get('c')?.path ?? '';
    assert.equal(await read(volumes, 'c', 'deep/down/a.txt'), '1');
    const modes = await Promise.all(
      ['deep/down/a.txt', 'b'].map(async (name) => (await stat(path.join(directory, name))).mode),
    );
    assert.deepEqual(
      modes.map((mode) => mode & 0o777),
      [0o400, 0o640],
    );
  });

  it('puts several sources into one projected volume', async () => {
    const fieldRef = { fieldPath: "metadata.labels['app']" };
    const resourceFieldRef = { containerName: 'c', resource: 'limits.cpu' };
    const volumes = await mount({
      name: 'all',
      projected: {
        sources: [
          { configMap: { name: 'settings' } },
          { secret: { name: 'keys', items: [{ key: 'token', path: 'a' }] } },
          { configMap: { name: 'missing', optional: true } },
          {
            downwardAPI: {
              items: [
                { path: 'app', fieldRef },
                { path: 'cpu', resourceFieldRef },
              ],
            },
          },
        ],
      },
    });
    const files = await Promise.all(
      ['a', 'b', 'app', 'cpu'].map((name) => read(volumes, 'all', name)),
    );
    assert.deepEqual(files, ['hush', '2', 'web', '2']);
  });

  const missing: readonly (readonly [string, object, RegExp])[] = [
    [
      'a ConfigMap',
      { configMap: { name: 'x' } },
      /^MountVolume\.SetUp failed for volume "v" : configmap "x" not found$/,
    ],
    ['a Secret', { secret: { secretName: 'x' } }, /: secret "x" not found$/],
    [
      'a key',
      { configMap: { name: 'settings', items: [{ key: 'x', path: 'x' }] } },
      /: configmap default\/settings has no key "x"$/,
    ],
    ['a host path', { hostPath: { path: '/no/such', type: 'Directory' } }, /does not exist$/],
    [
      'a directory',
      { hostPath: { path: '/etc/hostname', type: 'Directory' } },
      /is not a directory$/,
    ],
    ['a file', { hostPath: { path: '/etc', type: 'File' } }, /is not a file$/],
    [
      'a folder that nobody can make',
      { hostPath: { path: '/proc/none/such', type: 'DirectoryOrCreate' } },
      /hostPath "\/proc\/none" cannot be made in "\/proc"$/,
    ],
    [
      'a driver',
      { persistentVolumeClaim: { claimName: 'x' } },
      /: persistentVolumeClaim is not supported on this node: use /,
    ],
  ];
  for (const [name, source, message] of missing) {
    it(`says what is wrong where ${name} is missing`, async () => {
      await assert.rejects(mount({ name: 'v', ...source }), { code: 'FailedMount', message });
    });
  }

  it('makes host paths where their type says so', async () => {
    const at = (name: string) => path.join(root, 'host', name);
    await mount({ name: 'd', hostPath: { path: at('d'), type: 'DirectoryOrCreate' } });
    await mount({ name: 'f', hostPath: { path: at('f'), type: 'FileOrCreate' } });
    await writeFile(at('f'), 'kept');
    await mount({ name: 'f', hostPath: { path: at('f'), type: 'FileOrCreate' } });
    assert.ok((await stat(at('d'))).isDirectory());
    assert.equal(await readFile(at('f'), 'utf8'), 'kept');
  });

  it('keeps an emptyDir in memory, and removes all but host paths', async () => {
    const host = path.join(root, 'host');
    const volumes = await mount(
      { name: 'm', emptyDir: { medium: 'Memory' } },
      { name: 'h', hostPath: { path: host, type: 'DirectoryOrCreate' } },
    );
    const inMemory = volumes.mounted.get('m')?.path ?? '';
    const plugin = 'kubernetes.io~empty-dir';
    assert.equal(inMemory, path.join(root, 'memory', 'u', 'volumes', plugin, 'm'));
    await writeFile(path.join(inMemory, 'x'), '');
    await volumes.remove();
    await assert.rejects(stat(inMemory), { code: 'ENOENT' });
    await assert.rejects(stat(path.join(root, 'pods', 'u')), { code: 'ENOENT' });
    assert.ok(await stat(host));
  });

  it('follows objects and fields while the pod runs', async () => {
    const fieldRef = { fieldPath: 'metadata.labels' };
    const manifest = new Manifest(
      podOf([
        { name: 'c', configMap: { name: 'settings' } },
        { name: 'l', downwardAPI: { items: [{ path: 'labels', fieldRef }] } },
      ]),
    );
    const volumes = volumesOf(manifest);
    await volumes.mount([]);
    const over = new AbortController();
    const errors: unknown[] = [];
    const fresh = volumes.keepFresh({
      signal: over.signal,
      onError: (error) => errors.push(error),
    });
    objects.putConfigMap(parseConfigMap({ metadata: { name: 'settings' }, data: { a: 'new' } }));
    await eventually(async () => (await read(volumes, 'c', 'a')) === 'new');
    manifest.update(podOf(manifest.current.spec.volumes, { labels: { app: 'shop' } }));
    await eventually(async () => (await read(volumes, 'l', 'labels')) === 'app="shop"');
    objects.remove('ConfigMap', { namespace: 'default', name: 'settings' });
    await eventually(async () => errors.length === 1);
    assert.equal(await read(volumes, 'c', 'a'), 'new', 'what was there stays');
    over.abort();
    await fresh;
  });

  for (const [name, set] of [
    ['four fifths of its life are over', (clock: ManualClock) => clock.advance(700_000)],
    ['the clock is set ahead', (clock: ManualClock) => clock.set(clock.now() + 86_400_000)],
    ['the clock is set back', (clock: ManualClock) => clock.set(clock.now() - 86_400_000)],
  ] as const) {
    it(`renews a token when ${name}`, async () => {
      let issued = 0;
      const reader: ObjectReader = {
        configMap: async () => undefined,
        secret: async () => undefined,
        onChange: () => ({ [Symbol.dispose]: () => undefined }),
        async serviceAccountToken(_pod, { audience, expirationSeconds }) {
          issued += 1;
          return { token: `${audience}-${issued}`, lifeSeconds: expirationSeconds };
        },
      };
      const serviceAccountToken = { path: 'token', audience: 'api', expirationSeconds: 1000 };
      const source = { sources: [{ serviceAccountToken }] };
      const volumes = volumesOf(new Manifest(podOf([{ name: 't', projected: source }])), reader);
      await volumes.mount([]);
      const over = new AbortController();
      const fresh = volumes.keepFresh({
        signal: over.signal,
        onError: (error) => assert.ifError(error),
      });
      assert.equal(await read(volumes, 't', 'token'), 'api-1');
      await clock.advance(59_000);
      await clock.advance(1_000);
      assert.equal(issued, 1);
      await set(clock);
      await clock.advance(60_000);
      await eventually(async () => (await read(volumes, 't', 'token')) === 'api-2');
      await clock.advance(60_000);
      assert.equal(issued, 2, 'and only once');
      over.abort();
      await fresh;
      const link = await readlink(path.join(volumes.mounted.get('t')?.path ?? '', 'token'));
      assert.equal(link, '..data/token');
    });
  }

  const token = { projected: { sources: [{ serviceAccountToken: { path: 'file' } }] } };
  const secret = {
    secret: { secretName: 'keys', defaultMode: 0o400, items: [{ key: 'token', path: 'file' }] },
  };
  // What is given, by pod and by container; who can read the file then.
  const readers: readonly (readonly [object, object, object, readonly string[]])[] = [
    [token, { runAsUser: 1000 }, {}, ['1000:0']],
    [token, { runAsUser: 1000, fsGroup: 2000 }, {}, ['1000:0', '1001:2000']],
    [token, { fsGroup: 2000 }, {}, ['1001:2000']],
    [token, {}, { runAsUser: 1000 }, ['1000:0']],
    [token, { runAsUser: 1 }, { runAsUser: 1000 }, ['1000:0']],
    [token, {}, {}, ['1000:0', '1001:2000', '1002:0']],
    [secret, { runAsUser: 1000 }, {}, ['1000:0']],
    [secret, { runAsUser: 1000, fsGroup: 2000 }, {}, ['1000:0', '1001:2000']],
    [secret, {}, { runAsUser: 1000 }, ['1000:0']],
    [secret, {}, {}, []],
  ];
  for (const [source, ofPod, ofContainer, expected] of readers) {
    const [kind] = Object.keys(source);
    const name = `has a file of ${kind} read by ${expected.join(' and ') || 'nobody'}: ${JSON.stringify([ofPod, ofContainer])}`;
    it(name, { skip: process.getuid?.() !== 0 && 'only root can be others' }, async () => {
      const spec = {
        securityContext: ofPod,
        containers: [{ name: 'c', image: 'i', securityContext: ofContainer }],
        volumes: [{ name: 'v', ...source }],
      };
      const pod = parsePod({ metadata: { name: 'p', uid: 'u' }, spec });
      const reader: ObjectReader = {
        configMap: objects.configMap.bind(objects),
        secret: objects.secret.bind(objects),
        onChange: objects.onChange.bind(objects),
        serviceAccountToken: async () => ({ token: 'T', lifeSeconds: 3_600 }),
      };
      const volumes = volumesOf(new Manifest(pod), reader);
      await volumes.mount([]);
      const { mode, uid, gid } = await stat(
        path.join(volumes.mounted.get('v')?.path ?? '', 'file'),
      );
      const mayRead = (user: string) => {
        const [own, group] = user.split(':').map(Number);
        return (mode & (own === uid ? 0o400 : group === gid ? 0o040 : 0o004)) !== 0;
      };
      assert.deepEqual(['1000:0', '1001:2000', '1002:0'].filter(mayRead), expected);
    });
  }

  it('removes what no path is long enough for', async () => {
    const volumes = await mount({ name: 'e', emptyDir: {} });
    const directory = volumes.mounted.get('e')?.path ?? '';
    await makeDeepTree(directory, { levels: 60, name: 'd'.repeat(100) });
    await volumes.remove();
    assert.deepEqual(await readdir(path.join(root, 'pods')), []);
  });
});

async function eventually(isSo: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    if (await isSo()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.fail('waited in vain');
}
