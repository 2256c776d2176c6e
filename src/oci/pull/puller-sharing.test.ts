import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { ScriptedImage } from '../../../tests/registry/scripted-image.ts';
import { ScriptedServer } from '../../../tests/registry/scripted-server.ts';
import { tarArchive } from '../../../tests/registry/tar-archive.ts';
import { emptyModule, Workbench } from '../../../tests/registry/workbench.ts';

const rootfs = 'application/vnd.oci.image.layer.v1.tar+gzip';

const ada = {
  find: async () => [{ kind: 'password', username: 'ada', password: 'secret' }] as const,
};

/** An image with one file, which is its entrypoint. */
async function imageOf(content: Buffer): Promise<ScriptedImage> {
  const layer = await tarArchive([{ name: 'run', content }]);
  return new ScriptedImage([{ mediaType: rootfs, bytes: gzipSync(layer) }], {
    mediaType: 'application/vnd.oci.image.config.v1+json',
    bytes: Buffer.from('{"config":{"Entrypoint":["/run"],"Env":["TOKEN=hunter2"]}}'),
  });
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
