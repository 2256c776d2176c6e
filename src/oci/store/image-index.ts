import { statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import * as v from 'valibot';
import type { AbortOptions } from '../abort-options.ts';
import { codeOf } from '../error-code.ts';
import { FileLock } from './file-lock.ts';
import { type ImageRecord, imageRecordSchema } from './image-record.ts';
import type { StoreLayout } from './store-layout.ts';
import { replaceFile } from './write-file.ts';

const version = 1;
const schema = v.object({ version: v.literal(version), images: v.array(imageRecordSchema) });

type Images = ReadonlyMap<string, ImageRecord>;

/** The names of the images in the store, in a file that processes share. */
export class ImageIndex {
  readonly #layout: StoreLayout;
  readonly #lock: FileLock;
  #cached: { readonly stamp: string; readonly images: Images } = { stamp: '', images: new Map() };

  constructor({ layout }: { layout: StoreLayout }) {
    this.#layout = layout;
    this.#lock = new FileLock(layout.lock('index'));
  }

  /** The images by name. The file is read again only when it was replaced. */
  async read(): Promise<Images> {
    const stamp = this.#stamp();
    if (stamp !== this.#cached.stamp) this.#cached = { stamp, images: await this.#load() };
    return this.#cached.images;
  }

  /**
   * Changes the index. The change sees what other processes wrote, and nobody writes in between;
   * when it returns `undefined`, nothing is written.
   */
  async update(
    change: (images: Map<string, ImageRecord>) => Promise<Images | undefined>,
    options: AbortOptions = {},
  ): Promise<void> {
    await this.#lock.hold(async () => {
      const images = await change(new Map(await this.#load()));
      if (images === undefined) return;
      const text = JSON.stringify({ version, images: [...images.values()] }, null, 1);
      const temporary = this.#layout.temporaryFile();
      await replaceFile(this.#layout.index, `${text}\n`, { temporary, mode: 0o600 });
    }, options);
  }

  /** An index that cannot be understood counts as empty: all in it can be pulled again. */
  async #load(): Promise<Images> {
    const text = await readFile(this.#layout.index, 'utf8').catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT') return '';
      throw error;
    });
    const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), schema), text);
    const images = parsed.success ? parsed.output.images : [];
    return new Map(images.map((image) => [image.name, image]));
  }

  /** Without a pause: a turn of the thread pool takes a hundred times as long as the call. */
  #stamp(): string {
    const found = statSync(this.#layout.index, { bigint: true, throwIfNoEntry: false });
    return found === undefined ? 'none' : `${found.ino} ${found.mtimeNs} ${found.size}`;
  }
}
