import assert from 'node:assert/strict';
import { mkdtempDisposable, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Store } from '../../krator/cache/store.ts';
import type { Pod } from '../pods/schema/pod.ts';
import { AllPods } from './all-pods.ts';
import { isStatic, mirrorAnnotation } from './static-annotations.ts';
import { StaticPodSource } from './static-pod-source.ts';

const manifest = (name: string, image = 'app:1') =>
  `{apiVersion: v1, kind: Pod, metadata: {name: ${name}}, spec: {containers: [{name: a, image: "${image}"}]}}`;

async function running(directory: string) {
  const store = new Store<Pod, string>();
  const warnings: string[] = [];
  const log = { info: () => {}, warn: (message: string) => void warnings.push(message) };
  const source = new StaticPodSource({ store, log }, { path: directory, nodeName: 'wasm-1' });
  const abort = new AbortController();
  const run = source.run(abort);
  await source.synced;
  return {
    store,
    warnings,
    async [Symbol.asyncDispose]() {
      abort.abort();
      await run;
    },
  };
}

async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; tries < 200 && !holds(); tries++) await sleep(10);
  assert.ok(holds());
}

const temporary = () => mkdtempDisposable(path.join(os.tmpdir(), 'krustlet-static-'));
const names = (store: Store<Pod, string>) => store.list().map(({ metadata }) => metadata.name);

describe('StaticPodSource', () => {
  it('keeps the pods of a folder as the folder is', async () => {
    await using folder = await temporary();
    await writeFile(path.join(folder.path, 'a.yaml'), manifest('a'));
    await writeFile(path.join(folder.path, '.hidden.yaml'), manifest('hidden'));
    await writeFile(path.join(folder.path, 'a.yaml~'), manifest('backup'));
    await using source = await running(folder.path);
    assert.deepEqual(names(source.store), ['a-wasm-1']);
    await writeFile(path.join(folder.path, 'b.yaml'), manifest('b'));
    await until(() => source.store.size === 2);
    await rm(path.join(folder.path, 'a.yaml'));
    await until(() => source.store.size === 1);
    assert.deepEqual(names(source.store), ['b-wasm-1']);
  });

  it('gives a pod the same uid again, and a changed one another', async () => {
    await using folder = await temporary();
    const file = path.join(folder.path, 'a.yaml');
    const uidNow = async () => {
      await using source = await running(folder.path);
      const [pod] = source.store.list();
      assert.ok(pod && isStatic(pod) && pod.spec.nodeName === 'wasm-1');
      assert.ok(pod.spec.tolerations.some(({ effect }) => effect === 'NoExecute'));
      return pod.metadata.uid;
    };
    await writeFile(file, manifest('a'));
    const first = await uidNow();
    assert.equal(await uidNow(), first);
    await writeFile(file, manifest('a', 'app:2'));
    assert.notEqual(await uidNow(), first);
  });

  it('tells what is wrong with a manifest and keeps the pods that it had', async () => {
    await using folder = await temporary();
    const file = path.join(folder.path, 'a.yaml');
    await writeFile(file, manifest('a'));
    await using source = await running(folder.path);
    await writeFile(
      file,
      '{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {container: []}}',
    );
    await until(() => source.warnings.length > 0);
    assert.match(source.warnings[0] ?? '', /did you mean 'containers'/);
    assert.deepEqual(names(source.store), ['a-wasm-1']);
  });

  it('waits for a folder that is not there yet', async () => {
    await using folder = await temporary();
    await using source = await running(path.join(folder.path, 'missing'));
    assert.equal(source.store.size, 0);
    assert.match(source.warnings[0] ?? '', /Cannot read static pods/);
  });
});

describe('AllPods', () => {
  it('joins sources and leaves mirrors out', async () => {
    await using folder = await temporary();
    await writeFile(path.join(folder.path, 'a.yaml'), manifest('a'));
    await using source = await running(folder.path);
    const [own] = source.store.list();
    assert.ok(own);
    const { metadata } = own;
    const mirror = {
      ...own,
      metadata: { ...metadata, uid: 'mirror', annotations: { [mirrorAnnotation]: 'hash' } },
    };
    const atServer = new Store<Pod, string>();
    using all = new AllPods([source.store, atServer]);
    atServer.put(mirror);
    assert.deepEqual(all.store.list(), [own]);
    atServer.remove(`${metadata.namespace}/${metadata.name}`);
    assert.deepEqual(all.store.list(), [own]);
  });
});
