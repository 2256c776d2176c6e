import { statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import * as v from 'valibot';
import type { AbortOptions } from '../abort-options.ts';
import { codeOf } from '../error-code.ts';
import { FileLock } from './file-lock.ts';
import { decodeRecord, encodeRecord, type ImageRecord } from './image-record.ts';
import type { StoreLayout } from './store-layout.ts';
import { replaceFile } from './write-file.ts';

const version = 1;
const schema = v.object({ version: v.literal(version), images: v.array(v.unknown()) });

/** Characters of all records: some thousand ordinary images. All of it is parsed on each change. */
const maxLength = 16 * 1024 * 1024;

/** What is read at most, in bytes: once there was no limit. */
const maxReadBytes = 256 * 1024 * 1024;

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
   * when it returns `undefined`, nothing is written. When the index gets too long, the images that
   * take most of it are forgotten, of equal ones those that were not used for longest.
   *
   * @throws OciError `TooLarge` for a record that is too long by itself
   */
  async update(
    change: (images: Map<string, ImageRecord>) => Promise<Images | undefined>,
    options: AbortOptions = {},
  ): Promise<void> {
    await this.#lock.hold(async () => {
      const images = await change(new Map(await this.#load()));
      if (images === undefined) return;
      const records = encodeWithin([...images.values()], maxLength).join(',\n');
      const text = `{"version":${version},"images":[\n${records}\n]}\n`;
      const temporary = this.#layout.temporaryFile();
      await replaceFile(this.#layout.index, text, { temporary, mode: 0o600 });
    }, options);
  }

  /**
   * An index that cannot be understood counts as empty, and a record as not there: all of it can be
   * pulled again.
   */
  async #load(): Promise<Images> {
    const found = statSync(this.#layout.index, { throwIfNoEntry: false });
    if (found === undefined || found.size > maxReadBytes) return new Map();
    const text = await readFile(this.#layout.index, 'utf8').catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT') return '';
      throw error;
    });
    const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), schema), text);
    const images = parsed.success ? parsed.output.images.map(decodeRecord) : [];
    return new Map(images.flatMap((image) => (image === undefined ? [] : [[image.name, image]])));
  }

  /** Without a pause: a turn of the thread pool takes a hundred times as long as the call. */
  #stamp(): string {
    const found = statSync(this.#layout.index, { bigint: true, throwIfNoEntry: false });
    return found === undefined ? 'none' : `${found.ino} ${found.mtimeNs} ${found.size}`;
  }
}

/** The records as they are written, without the longest where all are too long together. */
function encodeWithin(images: readonly ImageRecord[], length: number): readonly string[] {
  const encoded = images.map((image) => ({ image, text: encodeRecord(image) }));
  let excess = encoded.reduce((sum, { text }) => sum + text.length, 0) - length;
  if (excess <= 0) return encoded.map(({ text }) => text);
  const kept = new Set(encoded);
  const firstToGo = encoded.toSorted(
    (a, b) => b.text.length - a.text.length || a.image.lastUsedAt - b.image.lastUsedAt,
  );
  for (const record of firstToGo) {
    if (excess <= 0) break;
    kept.delete(record);
    excess -= record.text.length;
  }
  return [...kept].map(({ text }) => text);
}
