import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { skipWithout } from '../../../tests/cluster/tools.ts';
import { TestRegistry, type TestRegistryInit } from '../../../tests/registry/test-registry.ts';
import { emptyModule, Workbench } from '../../../tests/registry/workbench.ts';
import type { Credential } from '../credentials/credential.ts';
import { pushModule } from '../push/push-module.ts';
import { parseReference } from '../reference/parse-reference.ts';
import { parseMirrors } from '../registry/endpoints.ts';
import { RegistryClient } from '../registry/registry-client.ts';
import { ImageStore } from '../store/image-store.ts';
import { Puller } from './puller.ts';

const password: Credential = {
  kind: 'password',
  username: TestRegistry.username,
  password: TestRegistry.password,
};
const credentials = { find: async () => [password] };

const forms: readonly (TestRegistryInit & { readonly title: string })[] = [
  { title: 'plain HTTP' },
  { title: 'TLS', tls: true },
  { title: 'basic auth', auth: true },
  { title: 'TLS and basic auth', tls: true, auth: true },
];

for (const { title, ...init } of forms) {
  describe(`Puller, with a real registry: ${title}`, { skip: skipWithout('registry') }, () => {
    let directory: string;
    let registry: TestRegistry;
    let client: RegistryClient;
    let store: ImageStore;
    let puller: Puller;

    before(async () => {
      directory = await mkdtemp(path.join(os.tmpdir(), 'puller-'));
      registry = await TestRegistry.start(init);
      client = new RegistryClient({ caCertificates: registry.ca === '' ? [] : [registry.ca] });
      store = new ImageStore({ directory: path.join(directory, 'images') });
      await store.open();
      puller = new Puller({ store, client });
    });

    after(async () => {
      await client[Symbol.asyncDispose]();
      await registry[Symbol.asyncDispose]();
      await rm(directory, { recursive: true, force: true });
    });

    it('pulls what was pushed, in both formats, verified and read-only', async () => {
      const file = path.join(directory, 'app.wasm');
      await writeFile(file, emptyModule);
      for (const format of ['cncf', 'krustlet'] as const) {
        const name = `${registry.host}/team/app-${format}:1`;
        const pushed = await pushModule(client, file, parseReference(name), {
          format,
          credentials,
        });
        const image = await puller.pull(name, { credentials });
        assert.equal(image.digest, pushed.digest);
        assert.equal(image.pulled, true);
        assert.ok(image.modulePath);
        assert.deepEqual(await readFile(image.modulePath), emptyModule);
        assert.equal((await stat(image.modulePath)).mode & 0o777, 0o444);
        const again = await puller.pull(name, { credentials, policy: 'Always' });
        assert.equal(again.pulled, false);
        assert.equal(again.modulePath, image.modulePath);
      }
    });

    it('sends a large module in chunks, and skips what is there', async () => {
      const file = path.join(directory, 'large.wasm');
      const custom = Buffer.alloc(300_000, 7);
      const header = Buffer.from([0, 0xe0, 0xa7, 0x12]);
      await writeFile(file, Buffer.concat([emptyModule, header, custom]));
      const reference = parseReference(`${registry.host}/team/large:1`);
      const events: string[] = [];
      const progress = ({ kind }: { kind: string }) => events.push(kind);
      const options = { credentials, chunkBytes: 100_000, progress };
      const first = await pushModule(client, file, reference, options);
      assert.ok(events.filter((kind) => kind === 'blob').length >= 3);
      events.length = 0;
      const second = await pushModule(client, file, reference, options);
      assert.deepEqual(events, ['exists', 'exists', 'done']);
      assert.equal(second.digest, first.digest);
      const image = await puller.pull(`${registry.host}/team/large@${first.digest}`, {
        credentials,
      });
      assert.deepEqual(await readFile(image.modulePath ?? ''), await readFile(file));
    });

    it('says that an image does not exist', async () => {
      await assert.rejects(puller.pull(`${registry.host}/team/nothing:1`, { credentials }), {
        code: 'NotFound',
        message: /nothing:1.*404.*MANIFEST_UNKNOWN/,
      });
    });

    if (init.auth === true) {
      it('is refused without credentials and with wrong ones', async () => {
        const name = `${registry.host}/team/app-cncf:1`;
        const wrong = { find: async () => [{ ...password, password: 'guess' }] as const };
        const options = { policy: 'Always' } as const;
        await assert.rejects(puller.pull(name, options), { code: 'Unauthorized' });
        await assert.rejects(puller.pull(name, { ...options, credentials: wrong }), {
          code: 'Unauthorized',
        });
      });

      it('gives a cached private image only to those who could pull it', async () => {
        const name = `${registry.host}/team/app-cncf:1`;
        const cached = await puller.pull(name, { credentials, policy: 'IfNotPresent' });
        assert.equal(cached.pulled, false);
        await assert.rejects(puller.pull(name, { policy: 'IfNotPresent' }), {
          code: 'Unauthorized',
        });
        await assert.rejects(puller.pull(name, { policy: 'Never' }), { code: 'Unauthorized' });
        await puller.pull(name, { policy: 'Never', credentials });
        await puller.pull(name, { policy: 'Never', verifyAccess: false });
      });
    }
  });
}

describe('Puller, through a real mirror', { skip: skipWithout('registry') }, () => {
  it('gets from it what the registry has', async () => {
    await using origin = await TestRegistry.start();
    await using mirror = await TestRegistry.start({ mirrorOf: `http://${origin.host}` });
    const mirrors = parseMirrors([`registry.invalid=${mirror.host}`]);
    await using bench = await Workbench.create({ client: { registries: { mirrors } } });
    const file = path.join(bench.directory, 'app.wasm');
    await writeFile(file, emptyModule);
    const pushed = await pushModule(bench.client, file, parseReference(`${origin.host}/app:1`));
    const pulled = await bench.puller.pull('registry.invalid/app:1');
    assert.equal(pulled.digest, pushed.digest);
    assert.deepEqual(await readFile(pulled.modulePath ?? ''), emptyModule);
  });
});
