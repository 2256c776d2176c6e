import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { ScriptedImage } from '../../../tests/registry/scripted-image.ts';
import { ScriptedServer } from '../../../tests/registry/scripted-server.ts';
import { tarArchive } from '../../../tests/registry/tar-archive.ts';
import { Workbench } from '../../../tests/registry/workbench.ts';
import { anonymous } from '../../oci/credentials/credential.ts';
import { PodDirectories } from '../pods/pod-directories.ts';
import { OciImages } from './oci-images.ts';
import { UnpackedImages } from './unpacked-images.ts';

const size = 1_000_000;

/** Image volumes of a store with one image, and the pods that mount them. */
class Bench implements AsyncDisposable {
  readonly unpacked: UnpackedImages;
  readonly directory: string;
  readonly store: Workbench['store'];
  readonly #directories: PodDirectories;
  readonly #images: OciImages;
  readonly #reference: string;
  readonly #resources: AsyncDisposableStack;

  constructor(workbench: Workbench, reference: string, resources: AsyncDisposableStack) {
    const { store, puller } = workbench;
    this.store = store;
    this.directory = path.join(workbench.directory, 'images/unpacked');
    this.#directories = new PodDirectories(workbench.directory, { memory: '/none' });
    this.unpacked = new UnpackedImages({
      store,
      directories: this.#directories,
      directory: this.directory,
    });
    this.#images = new OciImages({ puller, unpacked: this.unpacked });
    this.#reference = reference;
    this.#resources = resources;
  }

  static async create(): Promise<Bench> {
    const layer = await tarArchive([{ name: 'file', content: Buffer.alloc(size) }]);
    const image = new ScriptedImage(
      [
        {
          mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
          bytes: gzipSync(layer),
        },
      ],
      {
        mediaType: 'application/vnd.oci.image.config.v1+json',
        bytes: Buffer.from('{"config":{}}'),
      },
    );
    const resources = new AsyncDisposableStack();
    const server = resources.use(await ScriptedServer.start(image.script));
    const workbench = resources.use(await Workbench.create());
    return new Bench(workbench, `${server.host}/files:1`, resources);
  }

  /** Mounts the image for a pod. */
  async mount(uid: string): Promise<string> {
    const volume = this.#directories.ofVolume({ uid }, 'kubernetes.io~image', 'files');
    return await this.#images.directory(this.#reference, { credentials: anonymous, volume });
  }

  async end(uid: string): Promise<void> {
    await rm(this.#directories.ofPod({ uid }), { recursive: true });
  }

  async removeImage(): Promise<void> {
    await this.store.remove((await this.store.list()).map(({ name }) => name));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#resources.disposeAsync();
  }
}

describe('UnpackedImages', () => {
  it('removes what no pod uses and no image is of', async () => {
    await using bench = await Bench.create();
    const directory = await bench.mount('a');
    assert.equal(await bench.mount('b'), directory);
    await bench.removeImage();
    await bench.end('a');
    assert.equal(await bench.unpacked.collectGarbage({ isShort: true }), 0);
    assert.equal((await readFile(path.join(directory, 'file'))).length, size);
    await bench.end('b');
    const freed = await bench.unpacked.collectGarbage({ isShort: false });
    assert.ok(freed >= size, `${freed} bytes`);
    assert.deepEqual(await readdir(bench.directory), []);
  });

  it('keeps the files of an image for the next pod, unless space is short', async () => {
    await using bench = await Bench.create();
    const directory = await bench.mount('a');
    await bench.end('a');
    assert.equal(await bench.unpacked.collectGarbage({ isShort: false }), 0);
    assert.ok(existsSync(directory));
    assert.ok((await bench.unpacked.collectGarbage({ isShort: true })) >= size);
    assert.equal(existsSync(directory), false);
    await bench.mount('b');
    assert.ok(existsSync(directory));
  });

  it('removes nothing of a pod that is just starting', async () => {
    await using bench = await Bench.create();
    for (let round = 0; round < 20; round++) {
      const uid = String(round);
      const [directory] = await Promise.all([
        bench.mount(uid),
        bench.unpacked.collectGarbage({ isShort: true }),
      ]);
      assert.equal((await readFile(path.join(directory, 'file'))).length, size);
      await bench.end(uid);
    }
  });

  it('removes what killed processes were unpacking, and nothing of living ones', async () => {
    await using bench = await Bench.create();
    const { pid } = spawnSync('true');
    const names = [`aa.${pid}-x.tmp`, `aa.${process.ppid}-x.tmp`, `aa.${process.pid}-x.tmp`];
    for (const name of names) {
      await mkdir(path.join(bench.directory, name), { recursive: true });
      await writeFile(path.join(bench.directory, name, 'file'), 'x');
    }
    await bench.unpacked.collectGarbage({ isShort: true });
    assert.deepEqual(await readdir(bench.directory), names.slice(1).toSorted());
  });
});
