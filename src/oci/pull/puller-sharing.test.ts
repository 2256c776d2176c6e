import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { ScriptedImage, sha256 } from '../../../tests/registry/scripted-image.ts';
import { ScriptedServer } from '../../../tests/registry/scripted-server.ts';
import { tarArchive } from '../../../tests/registry/tar-archive.ts';
import { emptyModule, Workbench } from '../../../tests/registry/workbench.ts';
import type { CredentialSource } from '../credentials/credential.ts';

const rootfs = 'application/vnd.oci.image.layer.v1.tar+gzip';

const ada = {
  find: async () => [{ kind: 'password', username: 'ada', password: 'secret' }] as const,
};

const bob = {
  find: async () => [{ kind: 'password', username: 'bob', password: 'other' }] as const,
};
const token = [{ name: 'TOKEN', value: 'hunter2' }];

/** An image with one file, which is its entrypoint, and the digests of its blobs. */
async function imageOf(content: Buffer) {
  const layer = gzipSync(await tarArchive([{ name: 'run', content }]));
  const config = Buffer.from('{"config":{"Entrypoint":["/run"],"Env":["TOKEN=hunter2"]}}');
  const { script } = new ScriptedImage([{ mediaType: rootfs, bytes: layer }], {
    mediaType: 'application/vnd.oci.image.config.v1+json',
    bytes: config,
  });
  return { script, layer: sha256(layer), config: sha256(config) };
}

function blobsOf(server: ScriptedServer, method: string): number {
  return server.paths(method).filter((url) => url.includes('/blobs/')).length;
}

type Answer = (request: IncomingMessage) => 'serve' | number;

/** One image in a registry that wants a password, and in somebody's own that wants none. */
class Sharing implements AsyncDisposable {
  readonly registry: ScriptedServer;
  readonly other: ScriptedServer;
  readonly puller: Workbench['puller'];
  readonly #resources: AsyncDisposableStack;

  constructor(
    servers: { readonly registry: ScriptedServer; readonly other: ScriptedServer },
    { puller }: Workbench,
    resources: AsyncDisposableStack,
  ) {
    this.registry = servers.registry;
    this.other = servers.other;
    this.puller = puller;
    this.#resources = resources;
  }

  static async create(
    ofOther: Answer,
    init: { readonly beforeLayer?: () => Promise<void>; readonly head?: Answer } = {},
  ): Promise<Sharing> {
    const image = await imageOf(emptyModule);
    const resources = new AsyncDisposableStack();
    const registry = await ScriptedServer.start((request, response) => {
      if (request.headers.authorization === undefined) {
        return response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
      }
      const answer = request.method === 'HEAD' ? init.head?.(request) : 'serve';
      if (typeof answer === 'number') return response.writeHead(answer).end();
      if (init.beforeLayer === undefined || !request.url?.endsWith(image.layer)) {
        return image.script(request, response);
      }
      return init.beforeLayer().then(() => image.script(request, response));
    });
    const other = await ScriptedServer.start((request, response) => {
      const answer = request.url === '/v2/' ? 'serve' : ofOther(request);
      return answer === 'serve'
        ? image.script(request, response)
        : response.writeHead(answer).end();
    });
    resources.use(registry);
    resources.use(other);
    const workbench = resources.use(await Workbench.create());
    return new Sharing({ registry, other }, workbench, resources);
  }

  async pullPrivate(credentials: CredentialSource, tag = '1') {
    const name = `${this.registry.host}/app:${tag}`;
    return await this.puller.pull(name, { credentials, content: 'filesystem' });
  }

  async pullFrom({ host }: ScriptedServer, tag = '1') {
    return await this.puller.pull(`${host}/mine:${tag}`, { content: 'filesystem' });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#resources.disposeAsync();
  }
}

describe('Puller, with images of several owners', () => {
  for (const [title, head] of [
    ['405', { status: 405 }],
    ['200 without a digest', { status: 200 }],
  ] as const) {
    it(`gives nobody a private image because HEAD answers ${title}`, async () => {
      const image = new ScriptedImage([{ mediaType: 'application/wasm', bytes: emptyModule }]);
      await using server = await ScriptedServer.start((request, response) => {
        if (request.method === 'HEAD') return response.writeHead(head.status).end();
        if (request.headers.authorization !== undefined) return image.script(request, response);
        return response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end();
      });
      await using bench = await Workbench.create();
      const name = `${server.host}/app@${image.digest}`;
      await bench.puller.pull(name, { credentials: ada });
      for (const policy of ['Always', 'IfNotPresent', 'Never'] as const) {
        await assert.rejects(bench.puller.pull(name, { policy }), { code: 'Unauthorized' });
      }
      await bench.puller.pull(name, { policy: 'Always', credentials: ada });
    });
  }

  it('gives a private image to nobody who knows its digests and has a registry that says all', async () => {
    await using bench = await Sharing.create(({ method, url }) => {
      if (url?.includes('/manifests/')) return 'serve';
      return method === 'HEAD' ? 'serve' : 404;
    });
    await bench.pullPrivate(ada);
    const own = bench.pullFrom(bench.other);
    await assert.rejects(own, { code: 'NotFound', message: /get blob sha256:.* answered 404/ });
    assert.deepEqual((await bench.pullPrivate(ada)).config.env, token);
  });

  it('gives it to nobody who waits for the download of another', async () => {
    const goOn = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    const others = Promise.withResolvers<void>();
    await using bench = await Sharing.create(
      ({ url }) => {
        if (url?.includes('/manifests/')) others.resolve();
        return url?.includes('/blobs/') ? 404 : 'serve';
      },
      {
        beforeLayer: async () => {
          asked.resolve();
          await goOn.promise;
        },
      },
    );
    const pulling = bench.pullPrivate(ada);
    await asked.promise;
    const own = assert.rejects(bench.pullFrom(bench.other), { code: 'NotFound' });
    await others.promise;
    await setImmediate();
    goOn.resolve();
    await pulling;
    await own;
  });

  it('takes from a registry in full what only others could pull so far', async () => {
    await using bench = await Sharing.create(() => 'serve');
    await bench.pullPrivate(ada);
    const { config } = await bench.pullFrom(bench.other);
    assert.deepEqual(config.env, token);
    assert.equal(blobsOf(bench.other, 'GET'), 2);
    await bench.pullFrom(bench.other, 'again');
    assert.equal(blobsOf(bench.other, 'GET'), 2);
  });

  it('asks the registry that a blob is from whether somebody else may have it', async () => {
    for (const [answer, downloads] of [
      ['serve', 0],
      [405, 2],
    ] as const) {
      let head: 'serve' | 405 = 'serve';
      await using bench = await Sharing.create(() => 'serve', { head: () => head });
      await bench.pullPrivate(ada);
      head = answer;
      bench.registry.requests.length = 0;
      await bench.pullPrivate(ada, '2');
      assert.equal(blobsOf(bench.registry, 'HEAD') + blobsOf(bench.registry, 'GET'), 0);
      await bench.pullPrivate(bob, '3');
      assert.equal(blobsOf(bench.registry, 'GET'), downloads, String(answer));
    }
  });

  it('goes on after a pull that failed with what that has brought', async () => {
    const image = await imageOf(emptyModule);
    let isBroken = true;
    await using bench = await Workbench.create();
    await using server = await ScriptedServer.start(async (request, response) => {
      if (!isBroken || !request.url?.endsWith(image.layer)) image.script(request, response);
      else {
        // What is on its way is given up by the failure.
        while (!existsSync(bench.store.blobs.path(image.config))) await setImmediate();
        response.writeHead(404).end();
      }
    });
    await assert.rejects(bench.puller.pull(`${server.host}/app:1`), { code: 'NotFound' });
    isBroken = false;
    await bench.puller.pull(`${server.host}/app:1`);
    const configs = server.paths('GET').filter((url) => url.endsWith(image.config));
    assert.equal(configs.length, 1);
  });

  it('removes no blob of an image because another has it where a module should be', async () => {
    const victim = new ScriptedImage([{ mediaType: 'application/wasm', bytes: emptyModule }]);
    const evil = await imageOf(victim.manifest);
    await using server = await ScriptedServer.start((request, response) =>
      (request.url?.startsWith('/v2/evil/') ? evil : victim).script(request, response),
    );
    await using bench = await Workbench.create();
    const name = `${server.host}/victim:1`;
    await bench.puller.pull(name);
    await assert.rejects(bench.puller.pull(`${server.host}/evil:1`), { code: 'InvalidModule' });
    const { pulled } = await bench.puller.pull(name, { policy: 'Never' });
    assert.equal(pulled, false);
  });
});
