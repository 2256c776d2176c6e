import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { ScriptedImage, sha256 } from '../../../tests/registry/scripted-image.ts';
import { ScriptedServer } from '../../../tests/registry/scripted-server.ts';
import { tarArchive } from '../../../tests/registry/tar-archive.ts';
import { emptyModule, moduleOf, Workbench } from '../../../tests/registry/workbench.ts';
import { LayerStack } from '../layers/layer-stack.ts';
import { unpack } from '../layers/unpack.ts';
import type { ModulePreparer } from '../store/module-preparer.ts';

const imageConfig = 'application/vnd.oci.image.config.v1+json';
const rootfs = 'application/vnd.oci.image.layer.v1.tar+gzip';
const wasm = { mediaType: 'application/wasm', bytes: emptyModule };

const config = (value: unknown) => ({
  mediaType: imageConfig,
  bytes: Buffer.from(JSON.stringify({ os: 'wasip1', architecture: 'wasm', config: value })),
});

async function rootfsImage(settings: unknown) {
  const layer = await tarArchive([
    { name: 'app.wasm', content: emptyModule },
    { name: 'bin/tool', content: moduleOf(10) },
    { name: 'bin/sh', content: '\x7fELF' },
    { name: 'start', type: 'symlink', linkname: '/app.wasm' },
  ]);
  const layers = [{ mediaType: rootfs, bytes: gzipSync(layer) }];
  return new ScriptedImage(layers, config(settings));
}

describe('Puller, by kind of image', () => {
  for (const mediaType of [
    'application/wasm',
    'application/vnd.wasm.content.layer.v1+wasm',
    'application/vnd.module.wasm.content.layer.v1+wasm',
    'application/vnd.bytecodealliance.wasm.component.layer.v0+wasm',
    'application/vnd.example.future+wasm',
  ]) {
    it(`takes a layer of type ${mediaType}`, async () => {
      const image = new ScriptedImage([{ mediaType, bytes: emptyModule }]);
      await using server = await ScriptedServer.start(image.script);
      await using bench = await Workbench.create();
      const pulled = await bench.puller.pull(`${server.host}/app:1`);
      assert.deepEqual(await readFile(pulled.modulePath ?? ''), emptyModule);
    });
  }

  it('shows how the image wants to be run', async () => {
    const settings = {
      Entrypoint: ['/a'],
      Cmd: ['b'],
      Env: ['A=1=2', 'B'],
      WorkingDir: '/w',
      User: '7',
    };
    const image = new ScriptedImage([wasm], config(settings));
    await using server = await ScriptedServer.start(image.script);
    await using bench = await Workbench.create();
    assert.deepEqual((await bench.puller.pull(`${server.host}/app:1`)).config, {
      entrypoint: ['/a'],
      cmd: ['b'],
      env: [
        { name: 'A', value: '1=2' },
        { name: 'B', value: '' },
      ],
      workingDir: '/w',
      user: '7',
    });
  });

  for (const [settings, expected] of [
    [{ Entrypoint: ['/app.wasm'] }, emptyModule],
    [{ Cmd: ['./app.wasm', 'x'] }, emptyModule],
    [{ Entrypoint: ['app.wasm'] }, emptyModule],
    [{ Entrypoint: ['/start'] }, emptyModule],
    [{ Entrypoint: ['tool'], Env: ['PATH=/usr/bin:/bin'] }, moduleOf(10)],
    [{ Entrypoint: ['./tool'], WorkingDir: '/bin' }, moduleOf(10)],
  ] as const) {
    it(`takes the module at the entrypoint: ${JSON.stringify(settings)}`, async () => {
      await using server = await ScriptedServer.start((await rootfsImage(settings)).script);
      await using bench = await Workbench.create();
      const name = `${server.host}/app:1`;
      const pulled = await bench.puller.pull(name);
      assert.deepEqual(await readFile(pulled.modulePath ?? ''), expected);
      const again = await bench.puller.pull(name, { policy: 'Never' });
      assert.equal(again.modulePath, pulled.modulePath);
    });
  }

  for (const [settings, code, message] of [
    [{}, 'UnsupportedImage', /neither Entrypoint nor Cmd, but it has \/app\.wasm: name one/],
    [{ Entrypoint: ['/nope'] }, 'UnsupportedImage', /entrypoint '\/nope' is no file in it/],
    [{ Entrypoint: ['/bin/sh', '-c', 'x'] }, 'InvalidModule', /'\/bin\/sh' of .*ELF/],
  ] as const) {
    it(`says what is wrong with the entrypoint: ${JSON.stringify(settings)}`, async () => {
      await using server = await ScriptedServer.start((await rootfsImage(settings)).script);
      await using bench = await Workbench.create();
      await assert.rejects(bench.puller.pull(`${server.host}/app:1`), { code, message });
    });
  }

  const gzip = { mediaType: rootfs, bytes: gzipSync('') };
  const spin = {
    mediaType: 'application/vnd.fermyon.spin.content.layer.v1+data',
    bytes: Buffer.from('x'),
  };
  for (const [title, layers, message] of [
    [
      'two modules',
      [wasm, { ...wasm, bytes: moduleOf(1) }],
      /2 layers are modules, one is allowed.*application\/wasm \(sha256.*application\/wasm \(sha256/,
    ],
    ['no layers', [], /no layer is a WebAssembly module.*no layers/],
    ['a Spin application', [spin], /found config .* and layers application\/vnd\.fermyon\.spin/],
    ['data beside a file system', [gzip, spin], /no layer is a WebAssembly module/],
  ] as const) {
    it(`refuses ${title}, and names what it found`, async () => {
      await using server = await ScriptedServer.start(new ScriptedImage(layers).script);
      await using bench = await Workbench.create();
      await assert.rejects(bench.puller.pull(`${server.host}/app:1`), {
        code: 'UnsupportedImage',
        message,
      });
    });
  }

  it('chooses the Wasm image from an index, wasip1 first', async () => {
    const one = (size: number) => new ScriptedImage([{ ...wasm, bytes: moduleOf(size) }]);
    const index = ScriptedImage.index([
      [one(1), 'linux', 'amd64'],
      [one(2), 'wasip2', 'wasm'],
      [one(3), 'wasip1', 'wasm'],
      [one(4), 'unknown', 'unknown'],
    ]);
    await using server = await ScriptedServer.start(index.script);
    await using bench = await Workbench.create();
    const pulled = await bench.puller.pull(`${server.host}/app:1`);
    assert.equal(pulled.moduleDigest, sha256(moduleOf(3)));
    assert.equal(pulled.digest, index.digest);
    const again = await bench.puller.pull(`${server.host}/app:1`, { policy: 'Always' });
    assert.equal(again.pulled, false);
  });

  it('names the platforms of an index without a Wasm image', async () => {
    const index = ScriptedImage.index([
      [new ScriptedImage([wasm]), 'linux', 'amd64'],
      [new ScriptedImage([wasm]), 'linux', 'arm64'],
    ]);
    await using server = await ScriptedServer.start(index.script);
    await using bench = await Workbench.create();
    await assert.rejects(bench.puller.pull(`${server.host}/app:1`), {
      code: 'UnsupportedImage',
      message: /no image for wasip1\/wasm .* only linux\/amd64, linux\/arm64/,
    });
  });

  it('unpacks an image as files, also one for Linux', async () => {
    const image = await rootfsImage({ Entrypoint: ['/bin/sh'] });
    const index = ScriptedImage.index([[image, 'linux', 'amd64']]);
    await using server = await ScriptedServer.start(index.script);
    await using bench = await Workbench.create();
    const pulled = await bench.puller.pull(`${server.host}/app:1`, { content: 'filesystem' });
    assert.equal(pulled.modulePath, undefined);
    const { layers, shape } = pulled.record;
    assert.equal(shape, 'filesystem');
    const target = path.join(bench.directory, 'files');
    const files = layers.map(({ digest }) => bench.store.blobs.path(digest));
    await unpack(await LayerStack.read(files), target);
    assert.deepEqual(await readFile(path.join(target, 'start')), emptyModule);
  });

  it('unpacks two images at once', async () => {
    const image = await rootfsImage({ Entrypoint: ['/start'] });
    await using server = await ScriptedServer.start(image.script);
    await using bench = await Workbench.create();
    const events: string[] = [];
    const fetched = Promise.withResolvers<void>();
    const others = Promise.withResolvers<void>();
    const both = [1, 2].map(() => bench.store.unpacking.run(() => others.promise));
    const pulled = bench.puller.pull(`${server.host}/app:1`, {
      progress: ({ kind }) => {
        events.push(kind);
        if (kind === 'blob') fetched.resolve();
      },
    });
    await fetched.promise;
    await sleep(50);
    events.push('the others are unpacked');
    others.resolve();
    await Promise.all([...both, pulled]);
    assert.ok(events.indexOf('unpacking') > events.indexOf('the others are unpacked'));
  });
});

describe('Puller, by policy', () => {
  const old = new ScriptedImage([{ ...wasm, bytes: moduleOf(1) }]);
  const recent = new ScriptedImage([{ ...wasm, bytes: moduleOf(2) }]);

  it('follows a tag that moves only with Always', async () => {
    let current = old;
    await using server = await ScriptedServer.start((...both) => current.script(...both));
    await using bench = await Workbench.create();
    const digestBy = async (policy?: 'Always' | 'IfNotPresent' | 'Never', tag = '1') =>
      (await bench.puller.pull(`${server.host}/app:${tag}`, policy && { policy })).digest;
    await assert.rejects(digestBy('Never'), { code: 'NeverPull' });
    assert.equal(await digestBy(), old.digest);
    assert.equal(await digestBy('Never', '1'), old.digest);
    assert.equal(await digestBy(undefined, 'latest'), old.digest);
    current = recent;
    server.requests.length = 0;
    assert.equal(await digestBy(), old.digest);
    assert.equal(await digestBy('Never'), old.digest);
    assert.deepEqual(server.requests, []);
    assert.equal(await digestBy(undefined, 'latest'), recent.digest);
    assert.equal(await digestBy('Always'), recent.digest);
    assert.equal(await digestBy('Never'), recent.digest);
  });

  it('asks only for the digest when nothing has changed', async () => {
    await using server = await ScriptedServer.start(old.script);
    await using bench = await Workbench.create();
    await bench.puller.pull(`${server.host}/app`);
    server.requests.length = 0;
    await bench.puller.pull(`${server.host}/app`);
    assert.deepEqual(
      server.requests.map(({ method, url }) => `${method} ${url}`),
      ['HEAD /v2/app/manifests/latest'],
    );
  });

  it('pulls once for many who want the same at once', async () => {
    await using server = await ScriptedServer.start(old.script);
    await using bench = await Workbench.create();
    await using other = await Workbench.create();
    const name = `${server.host}/app:1`;
    await Promise.all(Array.from({ length: 10 }, () => bench.puller.pull(name)));
    const downloads = server.paths('GET').filter((url) => url.includes('/blobs/'));
    assert.equal(new Set(downloads).size, downloads.length);
    assert.equal((await other.store.list()).length, 0);
  });

  it('takes local modules where they are allowed, and copies them once', async () => {
    await using bench = await Workbench.create({ puller: { allowLocalModules: true } });
    const file = path.join(bench.directory, 'my app.wasm');
    await writeFile(file, emptyModule);
    const first = await bench.puller.pull(`fs/${file}`);
    assert.notEqual(first.modulePath, file);
    assert.deepEqual(await readFile(first.modulePath ?? ''), emptyModule);
    assert.equal((await bench.puller.pull(first.name)).record.pulledAt, first.record.pulledAt);
    await writeFile(file, moduleOf(5));
    assert.equal((await bench.puller.pull(`fs/${file}`)).moduleDigest, sha256(moduleOf(5)));
    await assert.rejects(bench.puller.pull('file:///nonexistent.wasm'), { code: 'NotFound' });
  });

  it('refuses local modules elsewhere', async () => {
    await using bench = await Workbench.create();
    for (const name of ['file:///etc/passwd', 'fs//etc/passwd']) {
      await assert.rejects(bench.puller.pull(name), { code: 'LocalModulesRefused' });
    }
  });

  it('prepares each module once', async () => {
    const prepared: string[] = [];
    const preparer: ModulePreparer = {
      version: 'test',
      async prepare(file) {
        prepared.push(file);
        await sleep(100);
        return { about: { kind: 'module' }, original: true };
      },
    };
    await using server = await ScriptedServer.start(old.script);
    await using bench = await Workbench.create({ store: { preparer } });
    const name = `${server.host}/app:1`;
    const pulls = Array.from({ length: 3 }, () => bench.puller.pull(name));
    for (const { modulePath } of await Promise.all(pulls)) assert.equal(modulePath, prepared[0]);
    await bench.puller.pull(name, { policy: 'Always' });
    assert.equal(prepared.length, 1);
  });

  it('prepares two modules at once', async () => {
    let running = 0;
    let most = 0;
    const preparer: ModulePreparer = {
      version: 'test',
      async prepare() {
        most = Math.max(most, ++running);
        await sleep(20);
        running--;
        return { about: { kind: 'module' }, original: true };
      },
    };
    const images = Array.from({ length: 6 }, (_, i) => {
      const { script } = new ScriptedImage([{ ...wasm, bytes: moduleOf(i) }]);
      return ScriptedServer.start(script);
    });
    await using servers = new AsyncDisposableStack();
    const hosts = (await Promise.all(images)).map((server) => servers.use(server).host);
    await using bench = await Workbench.create({ store: { preparer } });
    await Promise.all(hosts.map((host) => bench.puller.pull(`${host}/app:1`)));
    assert.equal(most, Math.min(2, availableParallelism()));
  });

  it('keeps nothing of what an earlier version has prepared', async () => {
    const preparer = (version: string): ModulePreparer => ({
      version,
      async prepare(_file, target) {
        await writeFile(target, version);
        return { about: { kind: 'module' }, original: false };
      },
    });
    await using server = await ScriptedServer.start(old.script);
    await using first = await Workbench.create({ store: { preparer: preparer('one') } });
    const name = `${server.host}/app:1`;
    const before = (await first.puller.pull(name)).record;
    await using later = new Workbench(first.directory, { store: { preparer: preparer('two') } });
    const after = (await later.puller.pull(name)).record;
    assert.equal(after.prepared?.digest, sha256(Buffer.from('two')));
    const digests = (record: typeof after) => record.blobs.map(({ digest }) => digest).sort();
    assert.deepEqual(
      digests(after),
      digests(before)
        .map((digest) => (digest === before.prepared?.digest ? after.prepared?.digest : digest))
        .sort(),
    );
  });

  it('takes no module that cannot be prepared', async () => {
    const preparer: ModulePreparer = {
      version: 'test',
      prepare: () => Promise.reject(new Error('unknown opcode')),
    };
    await using server = await ScriptedServer.start(old.script);
    await using bench = await Workbench.create({ store: { preparer } });
    await assert.rejects(bench.puller.pull(`${server.host}/app:1`), {
      code: 'InvalidModule',
      message: /validate .*app:1: unknown opcode/,
    });
  });
});
