import { OciError } from '../errors.ts';
import { ByteSource } from './byte-source.ts';
import type { LayerBudget } from './layer-budget.ts';
import {
  blockBytes,
  MalformedArchive,
  parsePax,
  parseTarBlock,
  type TarBlock,
  type TarHeader,
  textAt,
} from './tar-header.ts';

/** An entry of an archive. */
export interface TarEntry {
  readonly header: TarHeader;
  /** To be read before the next entry is asked for, or never. */
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** What is longer is refused by Go's archive/tar as well, with which others unpack. */
const maxHeaderBytes = 1024 ** 2;
/** One of each kind is what an honest entry has, and git's comment. */
const maxHeadersBefore = 8;

/** What the headers before an entry say of it. */
type Longer = Partial<Pick<TarHeader, 'name' | 'linkname' | 'size'>>;

/**
 * The entries of a tar archive, in their order. It keeps nothing of what it has read, and its time
 * is proportional to the bytes, whatever they are.
 *
 * @throws {MalformedArchive}
 * @throws OciError `TooLarge` beyond the budget
 */
export async function* tarEntries(
  chunks: AsyncIterable<Uint8Array>,
  budget: LayerBudget,
): AsyncGenerator<TarEntry> {
  const bytes = new ByteSource(chunks);
  for (;;) {
    const header = await nextHeader(bytes, budget);
    if (header === undefined) return;
    budget.spendEntry();
    budget.spendNames(Buffer.byteLength(header.name) + Buffer.byteLength(header.linkname));
    const content = new Content(bytes, header.size);
    yield { header, chunks: content };
    await content.skip();
    await bytes.skip(padding(header.size));
  }
}

async function nextHeader(bytes: ByteSource, budget: LayerBudget): Promise<TarHeader | undefined> {
  let longer: Longer = {};
  for (let before = 0; before <= maxHeadersBefore; before++) {
    const block = await bytes.take(blockBytes);
    const parsed = block && parseTarBlock(block);
    if (parsed === undefined) return undefined;
    if (parsed.kind === 'entry') return complete(parsed, longer);
    const { kind, size } = parsed;
    if (kind === 'ignored') await bytes.skip(size);
    else longer = { ...longer, ...parseLonger(kind, await takeHeader(bytes, size, budget)) };
    await bytes.skip(padding(size));
  }
  throw new MalformedArchive(`more than ${maxHeadersBefore} headers stand before an entry`);
}

function complete(
  { header, hasContent }: Extract<TarBlock, { kind: 'entry' }>,
  { name = header.name, linkname = header.linkname, size = header.size }: Longer,
): TarHeader {
  // Archives older than the type of directories mark them so.
  const isDirectory = header.type === 'file' && name.endsWith('/');
  const type = isDirectory ? 'directory' : header.type;
  return { ...header, name, linkname, type, size: hasContent ? size : 0 };
}

async function takeHeader(bytes: ByteSource, size: number, budget: LayerBudget): Promise<Buffer> {
  budget.spendNames(size);
  if (size > maxHeaderBytes) {
    throw new OciError(
      'TooLarge',
      `unpack layer '${budget.layer}': an entry's header has ${size} bytes, ${maxHeaderBytes} are allowed: give the file a shorter name and fewer attributes`,
    );
  }
  const taken = await bytes.take(size);
  if (taken === undefined) throw new MalformedArchive('it ends within a header');
  return taken;
}

function parseLonger(kind: 'pax' | 'long-name' | 'long-link', bytes: Buffer): Longer {
  switch (kind) {
    case 'long-name':
      return { name: textAt(bytes, 0, bytes.length) };
    case 'long-link':
      return { linkname: textAt(bytes, 0, bytes.length) };
    case 'pax': {
      const { path, linkpath, size } = parsePax(bytes);
      // An empty value takes back what was said before.
      return {
        ...(path && { name: path }),
        ...(linkpath && { linkname: linkpath }),
        ...(size !== undefined && { size }),
      };
    }
    default:
      return kind satisfies never;
  }
}

/** What is left of an entry's content. */
class Content implements AsyncIterable<Uint8Array> {
  readonly #bytes: ByteSource;
  #left: number;

  constructor(bytes: ByteSource, size: number) {
    this.#bytes = bytes;
    this.#left = size;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    while (this.#left > 0) {
      const chunk = await this.#bytes.upTo(this.#left);
      this.#left -= chunk.length;
      yield chunk;
    }
  }

  async skip(): Promise<void> {
    const left = this.#left;
    this.#left = 0;
    await this.#bytes.skip(left);
  }
}

function padding(size: number): number {
  return (blockBytes - (size % blockBytes)) % blockBytes;
}
