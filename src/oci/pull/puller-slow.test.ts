import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import path from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ScriptedImage, sha256 } from '../../../tests/registry/scripted-image.ts';
import { type Script, ScriptedServer } from '../../../tests/registry/scripted-server.ts';
import { moduleOf, Workbench } from '../../../tests/registry/workbench.ts';
import type { PullProgress } from './pull-progress.ts';

const rootfs = 'application/vnd.oci.image.layer.v1.tar+gzip';
const imageConfig = {
  mediaType: 'application/vnd.oci.image.config.v1+json',
  bytes: Buffer.from('{}'),
};
const layerBytes = 30_000;

/** Layers that are all different, and so from different servers too. */
function layersOf(count: number, seed: number): Buffer[] {
  return Array.from({ length: count }, (_, i) => Buffer.alloc(layerBytes, seed * 16 + i + 1));
}

/** Serves an image whose layers come in so many bytes each 20 ms. */
function dripping(layers: readonly Buffer[], pieceBytes = 300): Script {
  const { script } = new ScriptedImage(
    layers.map((bytes) => ({ mediaType: rootfs, bytes })),
    imageConfig,
  );
  const byDigest = new Map<string, Buffer>(layers.map((bytes) => [sha256(bytes), bytes]));
  return (request, response) => {
    const bytes = byDigest.get(request.url?.split('/').at(-1) ?? '');
    return bytes === undefined ? script(request, response) : drip(bytes, response, pieceBytes);
  };
}

async function drip(bytes: Buffer, response: ServerResponse, pieceBytes: number): Promise<void> {
  response.writeHead(200, { 'content-length': bytes.length });
  for (let sent = 0; sent < bytes.length && !response.destroyed; sent += pieceBytes) {
    response.write(bytes.subarray(sent, sent + pieceBytes));
    await sleep(20);
  }
  response.end();
}

describe('Puller, with registries that are slow', () => {
  const turns = { turnMs: 60_000, slowTurnMs: 100 };
  const victim = new ScriptedImage([{ mediaType: 'application/wasm', bytes: moduleOf(1000) }]);

  it('has three layers of an image under way', async () => {
    await using server = await ScriptedServer.start(dripping(layersOf(6, 0), 10_000));
    await using bench = await Workbench.create();
    const underWay = new Set<string>();
    let most = 0;
    const progress = (event: PullProgress) => {
      if (event.kind !== 'blob') return;
      if (event.receivedBytes === event.totalBytes) underWay.delete(event.digest);
      else underWay.add(event.digest);
      most = Math.max(most, underWay.size);
    };
    await bench.puller.pull(`${server.host}/app:1`, { content: 'filesystem', progress });
    assert.equal(most, 3);
  });

  for (const place of ['other registries', 'one registry'] as const) {
    it(`lets an image through however many drip from ${place}, and these in the end`, async () => {
      const scripts = [...[1, 2, 3].map((seed) => dripping(layersOf(3, seed))), victim.script];
      const byName: Script = (request, response) =>
        scripts[Number(request.url?.split('/')[2] ?? 3)]?.(request, response);
      await using servers = new AsyncDisposableStack();
      const count = place === 'one registry' ? 1 : scripts.length;
      const starting = Array.from({ length: count }, () => ScriptedServer.start(byName));
      const started = (await Promise.all(starting)).map((server) => servers.use(server));
      const nameOf = (image: number) => `${started[image % count]?.host}/${image}:1`;
      await using bench = await Workbench.create({ puller: { maxConcurrentDownloads: 3, turns } });
      const order = new Set<string>();
      const pulls = [0, 1, 2].map(async (image) => {
        const progress = (event: PullProgress) => {
          if (event.kind !== 'blob' || event.totalBytes !== layerBytes) return;
          if (event.receivedBytes === layerBytes) order.add(event.digest);
        };
        await bench.puller.pull(nameOf(image), { content: 'filesystem', progress });
      });
      const layers = () => started.flatMap((server) => server.paths('GET')).filter(isLayer);
      while (layers().length < 9) await sleep(5);
      await bench.puller.pull(nameOf(3));
      order.add('victim');
      await Promise.all(pulls);
      assert.equal([...order][0], 'victim');
      assert.equal(order.size, 1 + 9);
    });
  }

  it('waits for a layer that drips from another registry only so long', async () => {
    const layers = layersOf(1, 4);
    await using slow = await ScriptedServer.start(dripping(layers, 1));
    await using server = await ScriptedServer.start(dripping(layers, layerBytes));
    await using bench = await Workbench.create({ store: { patienceMs: 100 } });
    const stop = new AbortController();
    const { signal } = stop;
    const content = 'filesystem';
    const dripped = bench.puller.pull(`${slow.host}/app:1`, { content, signal });
    while (!slow.paths('GET').some(isLayer)) await sleep(5);
    await bench.puller.pull(`${server.host}/app:1`, { content });
    stop.abort(new Error('enough'));
    await assert.rejects(dripped, /enough/);
    const left = await readdir(path.join(bench.directory, 'images', 'tmp'));
    assert.deepEqual(
      left.map((name) => path.extname(name)),
      ['.partial'],
    );
  });
});

const isLayer = (path: string) =>
  path.includes('/blobs/') && !path.endsWith(sha256(imageConfig.bytes));
