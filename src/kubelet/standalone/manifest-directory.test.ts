import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { LocalListWatch } from '../../krator/cache/local-list-watch.ts';
import { systemClock } from '../../kubernetes/clock.ts';
import type { Pod } from '../pods/schema/pod.ts';
import { ManifestDirectory } from './manifest-directory.ts';

const manifest = (name: string, image = 'i') =>
  `{apiVersion: v1, kind: Pod, metadata: {name: ${name}}, spec: {containers: [{name: c, image: ${image}}]}}`;

describe('ManifestDirectory', () => {
  it('follows the pods of a folder', async () => {
    const directory = await mkdtemp(path.join(tmpdir(), 'krustlet-static-'));
    const source = new LocalListWatch<Pod>();
    const errors: string[] = [];
    const pods = new ManifestDirectory(
      { source, clock: systemClock },
      { directory, nodeName: 'n1', onError: (error) => errors.push(String(error)) },
    );
    const over = new AbortController();
    const write = (name: string, text: string) => writeFile(path.join(directory, name), text);
    const listed = async () =>
      (await source.list()).items.map(({ metadata, spec }) => [
        metadata.name,
        spec.containers[0]?.image,
      ]);
    const eventually = async (expected: readonly unknown[]) => {
      for (let tries = 0; tries < 200; tries += 1) {
        if (JSON.stringify(await listed()) === JSON.stringify(expected)) return;
        await systemClock.sleep(10);
      }
      assert.deepEqual(await listed(), expected);
    };
    try {
      await write('a.yaml', manifest('a'));
      await write('ignored.txt', manifest('x'));
      const running = pods.run({ signal: over.signal });
      await eventually([['a-n1', 'i']]);
      const [first] = (await source.list()).items;
      assert.equal(first?.metadata.annotations['kubernetes.io/config.source'], 'file');

      await write('b.json', manifest('b'));
      await eventually([
        ['a-n1', 'i'],
        ['b-n1', 'i'],
      ]);
      assert.equal((await source.list()).items[0]?.metadata.uid, first?.metadata.uid);

      await write('a.yaml', manifest('a', 'other'));
      await eventually([
        ['a-n1', 'other'],
        ['b-n1', 'i'],
      ]);
      assert.notEqual((await source.list()).items[0]?.metadata.uid, first?.metadata.uid);

      await write('b.json', 'broken: [');
      while (errors.length === 0) await systemClock.sleep(10);
      assert.match(errors[0] ?? '', /b\.json: is not valid YAML/);
      await eventually([
        ['a-n1', 'other'],
        ['b-n1', 'i'],
      ]);

      await rm(path.join(directory, 'a.yaml'));
      await eventually([['b-n1', 'i']]);
      over.abort();
      await running;
    } finally {
      over.abort();
      await rm(directory, { recursive: true });
    }
  });
});
