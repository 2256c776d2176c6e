import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';
import { ScriptedImage, sha256 } from '../../../tests/registry/scripted-image.ts';
import { ScriptedServer } from '../../../tests/registry/scripted-server.ts';
import { emptyModule, Workbench } from '../../../tests/registry/workbench.ts';
import type { ImageRecord } from './image-record.ts';

/** An image of no content, whose only variable takes so many characters. */
function recordOf(name: string, characters = 0, lastUsedAt = 0): ImageRecord {
  const env = [{ name: 'V', value: 'x'.repeat(characters) }];
  return {
    name,
    digest: sha256(emptyModule),
    shape: 'filesystem',
    layers: [],
    config: { entrypoint: [], cmd: [], env },
    blobs: [],
    pulledAt: 0,
    lastUsedAt,
    access: { public: true, credentials: [] },
  };
}

function indexOf({ directory }: Workbench): string {
  return path.join(directory, 'images/index.json');
}

async function names({ store }: Workbench): Promise<readonly string[]> {
  return (await store.list()).map(({ name }) => name);
}

describe('ImageIndex', () => {
  it('keeps no annotations of layers', async () => {
    const annotations = { note: 'x'.repeat(1_000_000) };
    const layer = { mediaType: 'application/wasm', bytes: emptyModule, annotations };
    await using server = await ScriptedServer.start(new ScriptedImage([layer]).script);
    await using bench = await Workbench.create();
    await bench.puller.pull(`${server.host}/app:1`);
    const { length } = await readFile(indexOf(bench));
    assert.ok(length < 2000, `${length} bytes`);
  });

  it('refuses a record that is too long, and keeps the others', async () => {
    await using bench = await Workbench.create();
    await bench.store.record(recordOf('good:1'));
    await assert.rejects(bench.store.record(recordOf('evil:1', 2_000_000)), {
      code: 'TooLarge',
      message: /record evil:1: what is kept of it has 2000\d+ characters, 1048576 are allowed/,
    });
    assert.deepEqual(await names(bench), ['good:1']);
  });

  it('reads what earlier releases wrote, without what is too long or wrong', async () => {
    await using bench = await Workbench.create();
    const wrong = { ...recordOf('wrong:1'), layers: 'none' };
    const layers = [
      { mediaType: 'a/b', digest: sha256(emptyModule), size: 8, annotations: { note: 'x' } },
    ];
    const images = [recordOf('evil:1', 2_000_000), wrong, { ...recordOf('good:1'), layers }];
    await writeFile(indexOf(bench), JSON.stringify({ version: 1, images }, null, 1));
    assert.deepEqual(await names(bench), ['good:1']);
    await bench.store.record(recordOf('good:2'));
    assert.deepEqual(await names(bench), ['good:1', 'good:2']);
    assert.ok((await readFile(indexOf(bench))).length < 2000);
  });

  it('forgets the longest records where there are too many, and of equal ones the oldest', async () => {
    await using bench = await Workbench.create();
    const long = Array.from({ length: 17 }, (_, i) => recordOf(`evil:${i}`, 1_000_000, 100 - i));
    const images = [recordOf('good:1'), ...long];
    await writeFile(indexOf(bench), JSON.stringify({ version: 1, images }));
    await bench.store.record(recordOf('good:2'));
    const left = await names(bench);
    assert.ok(left.includes('good:1') && left.includes('good:2'));
    assert.ok(left.includes('evil:0') && !left.includes('evil:16'));
    assert.equal(left.length, 2 + 16);
  });
});
