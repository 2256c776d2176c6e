import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { describe, it } from 'node:test';
import { ScriptedImage, sha256 } from '../../../tests/registry/scripted-image.ts';
import { ScriptedServer } from '../../../tests/registry/scripted-server.ts';
import { emptyModule, moduleOf, Workbench } from '../../../tests/registry/workbench.ts';
import type { Clock } from '../clock.ts';
import { downloadBlob } from './download-blob.ts';
import { FileLock } from './file-lock.ts';

const hour = 3_600_000;

class ManualClock implements Clock {
  time = 0;
  now = () => Date.UTC(2026, 10, 23) + this.time;
  sleep = async () => undefined;
}

/** A registry where `/a` and `/b` share a config, and each name has a module of its own size. */
async function registry(): Promise<ScriptedServer> {
  const sizes: Readonly<Record<string, number>> = { a: 10_000, b: 20_000, c: 30_000 };
  const images = new Map(
    Object.entries(sizes).map(([name, size]) => [
      name,
      new ScriptedImage([{ mediaType: 'application/wasm', bytes: moduleOf(size) }]),
    ]),
  );
  return await ScriptedServer.start((request, response) => {
    const [, name = ''] = /^\/v2\/(\w+)\//.exec(request.url ?? '') ?? [];
    return (images.get(name) ?? new ScriptedImage([])).script(request, response);
  });
}

describe('ImageStore', () => {
  it('removes what only the removed image needs', async () => {
    await using server = await registry();
    await using bench = await Workbench.create();
    const { store, puller } = bench;
    const a = await puller.pull(`${server.host}/a:1`);
    const other = await puller.pull(`${server.host}/a:2`);
    await puller.pull(`${server.host}/b:1`);
    assert.equal((await store.remove([a.name])).freedBytes, 0);
    const removal = await store.remove([other.name, 'nothing']);
    assert.deepEqual(
      removal.images.map(({ name }) => name),
      [other.name],
    );
    assert.ok(removal.freedBytes > 10_000 && removal.freedBytes < 11_000);
    const left = await store.list();
    assert.deepEqual(
      left.map(({ name }) => name),
      [`${server.host}/b:1`],
    );
    assert.ok((await store.get(`${server.host}/b:1`)) !== undefined);
    const { bytes } = await store.usage();
    assert.equal(
      bytes,
      left[0]?.blobs.reduce((sum, { size }) => sum + size, 0),
    );
  });

  it('collects the least recently used images until enough is free', async () => {
    const clock = new ManualClock();
    await using server = await registry();
    await using bench = await Workbench.create({ store: { clock }, puller: { clock } });
    const names = ['a', 'b', 'c'].map((name) => `${server.host}/${name}:1`);
    const [a = '', b = '', c = ''] = names;
    for (const name of names) {
      await bench.puller.pull(name);
      clock.time += hour;
    }
    await bench.puller.pull(a);
    const collect = async (request: object) => {
      const { images } = await bench.store.collectGarbage({ inUse: new Set(), ...request });
      return images.map(({ name }) => name);
    };
    assert.deepEqual(await collect({}), []);
    assert.deepEqual(await collect({ bytesToFree: 1, minimumAgeMs: 24 * hour }), []);
    assert.deepEqual(await collect({ bytesToFree: 1, inUse: new Set([b, c]) }), [a]);
    await bench.puller.pull(a);
    assert.deepEqual(await collect({ bytesToFree: 1 }), [b]);
    clock.time += 10 * hour;
    await bench.puller.pull(a);
    assert.deepEqual(await collect({ maximumAgeMs: 5 * hour }), [c]);
  });

  it('collects blobs of no image, but not those that a pull may be storing', async () => {
    await using bench = await Workbench.create();
    const { store } = bench;
    const young = await store.blobs.put(Buffer.from('young'));
    const old = await store.blobs.put(Buffer.from('old'));
    const longAgo = Date.now() / 1000 - 7200;
    await utimes(store.blobs.path(old.digest), longAgo, longAgo);
    const { freedBytes } = await store.collectGarbage({ inUse: new Set() });
    assert.equal(freedBytes, 3);
    assert.equal(await store.blobs.has(young), true);
    assert.equal(await store.blobs.has(old), false);
  });

  it('collects sooner where space is short, but nothing of a pull that is under way', async () => {
    await using bench = await Workbench.create();
    const { store, directory } = bench;
    const pulled = await store.blobs.put(Buffer.from('pulled'));
    const old = await store.blobs.put(Buffer.from('left'));
    const partials = ['aa', 'ab'].map((start) =>
      path.join(directory, `images/tmp/${start.padEnd(64, '0')}.partial`),
    );
    for (const file of partials) await writeFile(file, 'part');
    const halfAnHourAgo = Date.now() / 1000 - 1800;
    for (const { digest } of [pulled, old]) {
      await utimes(store.blobs.path(digest), halfAnHourAgo, halfAnHourAgo);
    }
    const young = await store.blobs.put(Buffer.from('young'));
    const downloading = new FileLock(path.join(directory, 'images/locks/blobs-ab'));
    using pull = store.pulls.begin();
    pull.add(pulled.digest);
    const collect = async (bytesToFree: number) =>
      await downloading.hold(async () => {
        const { freedBytes } = await store.collectGarbage({ inUse: new Set(), bytesToFree });
        return freedBytes;
      });
    assert.equal(await collect(0), 0);
    assert.equal(await collect(1), 'left'.length + 'part'.length);
    assert.deepEqual(await readdir(path.join(directory, 'images/tmp')), [
      path.basename(partials[1] ?? ''),
    ]);
    const left = await store.blobs.list();
    assert.deepEqual(
      new Set(left.map(({ digest }) => digest)),
      new Set([pulled.digest, young.digest]),
    );
  });

  it('collects nothing of a pull that takes long', async () => {
    const clock = new ManualClock();
    const bytes = moduleOf(1000);
    const image = new ScriptedImage([{ mediaType: 'application/wasm', bytes }]);
    const asked = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    await using server = await ScriptedServer.start(async (request, response) => {
      if (request.url?.endsWith(`/blobs/${sha256(bytes)}`)) {
        asked.resolve();
        await goOn.promise;
      }
      return image.script(request, response);
    });
    await using bench = await Workbench.create({ store: { clock } });
    const pulling = bench.puller.pull(`${server.host}/app:1`);
    await asked.promise;
    clock.time = Date.now() - clock.now() + hour / 2;
    const request = { inUse: new Set<string>(), bytesToFree: 1 };
    assert.equal((await bench.store.collectGarbage(request)).freedBytes, 0);
    goOn.resolve();
    await pulling;
    assert.equal(server.paths().filter((url) => url.includes('/manifests/')).length, 1);
  });

  it('pulls again what was damaged or lost', async () => {
    await using server = await registry();
    await using bench = await Workbench.create();
    const name = `${server.host}/a:1`;
    const pulled = await bench.puller.pull(name);
    await bench.store.blobs.remove(sha256(moduleOf(10_000)));
    assert.equal(await bench.store.get(name), undefined);
    const again = await bench.puller.pull(name);
    assert.equal(again.pulled, true);
    assert.deepEqual(await readFile(pulled.modulePath ?? ''), moduleOf(10_000));
    await writeFile(path.join(bench.directory, 'images/index.json'), '{"version":1,"images":[{');
    assert.deepEqual(await bench.store.list(), []);
    assert.equal((await bench.puller.pull(name)).pulled, true);
  });

  it('clears away what dead processes left, and nothing of living ones', async () => {
    await using bench = await Workbench.create();
    const temporary = path.join(bench.directory, 'images/tmp');
    const living = `${process.pid}-x.tmp`;
    for (const name of ['4194303-x.tmp', living, `${'0'.repeat(64)}.partial`]) {
      await writeFile(path.join(temporary, name), 'x');
    }
    await bench.store.open();
    assert.deepEqual(
      (await readdir(temporary)).sort(),
      [`${'0'.repeat(64)}.partial`, living].sort(),
    );
  });

  it('downloads once for several processes', async () => {
    await using server = await registry();
    await using bench = await Workbench.create();
    const resolve = (file: string) => JSON.stringify(import.meta.resolve(file));
    const program = `
      const { Puller } = await import(${resolve('../pull/puller.ts')});
      const { ImageStore } = await import(${resolve('./image-store.ts')});
      const { RegistryClient } = await import(${resolve('../registry/registry-client.ts')});
      const store = new ImageStore({ directory: ${JSON.stringify(path.join(bench.directory, 'images'))} });
      await using client = new RegistryClient();
      await new Puller({ store, client }).pull('${server.host}/c:' + process.argv[1]);`;
    const children = ['1', '2', '3'].map((tag) =>
      spawn(process.execPath, ['--input-type=module', '-e', program, tag], { stdio: 'ignore' }),
    );
    const codes = await Promise.all(children.map(async (child) => (await once(child, 'exit'))[0]));
    assert.deepEqual(codes, [0, 0, 0]);
    const layer = `/v2/c/blobs/${sha256(moduleOf(30_000))}`;
    assert.equal(server.paths('GET').filter((url) => url === layer).length, 1);
    assert.equal((await bench.store.list()).length, 3);
  });

  it('keeps nobody’s password, and no key that others may read', async () => {
    await using server = await registry();
    await using bench = await Workbench.create();
    const credential = { kind: 'password', username: 'me', password: 'hunter2' } as const;
    const credentials = { find: async () => [credential] };
    const { record } = await bench.puller.pull(`${server.host}/a:1`, { credentials });
    assert.deepEqual(record.access.public, false);
    const index = await readFile(path.join(bench.directory, 'images/index.json'), 'utf8');
    assert.doesNotMatch(index, /hunter2/);
    const { access } = bench.store;
    assert.equal(await access.allows(record.access, server.host, [credential]), true);
    assert.equal(await access.allows(record.access, 'other.example', [credential]), false);
    const other = { ...credential, password: 'guess' };
    assert.equal(await access.allows(record.access, server.host, [other]), false);
  });
});

describe('downloadBlob', () => {
  it('says that the disk is full', async () => {
    const source = async () => ({ offset: 0, body: Readable.from([emptyModule]) });
    const descriptor = { mediaType: 'x', digest: sha256(emptyModule), size: emptyModule.length };
    await assert.rejects(downloadBlob(source, descriptor, '/dev/full'), {
      code: 'DiskFull',
      message: /store blob sha256:.*no space is left/,
    });
  });
});
