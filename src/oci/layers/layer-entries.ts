import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { type Duplex, PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { type Extract, extract, type Header } from 'tar-stream';
import type { AbortOptions } from '../abort-options.ts';
import { isOciError, OciError } from '../errors.ts';
import type { LayerBudget } from './layer-budget.ts';

/** An entry of a layer's archive. */
export interface LayerEntry {
  readonly header: Header;
  readonly chunks: AsyncIterable<Uint8Array>;
}

/**
 * The entries of a layer, in their order. Compression is told from the content, since types are
 * often wrong. An entry's content is skipped unless it is read before the next entry is asked for.
 *
 * @throws OciError `UnsupportedImage` for what is not a tar archive, `TooLarge` beyond the budget.
 */
export async function* layerEntries(
  file: string,
  budget: LayerBudget,
  { signal }: AbortOptions = {},
): AsyncGenerator<LayerEntry> {
  const entries = extract();
  const feed = (chunks: AsyncIterable<Uint8Array>) => feedAll(entries, chunks, budget);
  const options = signal === undefined ? {} : { signal };
  const flow = pipeline(createReadStream(file), await decompressor(file), feed, options);
  // What breaks the flow is thrown by the iteration below.
  flow.catch((error) => entries.destroy(error));
  try {
    for await (const entry of entries) {
      budget.spendEntry();
      yield { header: entry.header, chunks: contentOf(entry) };
      entry.resume();
    }
    await flow;
  } catch (cause) {
    signal?.throwIfAborted();
    if (isOciError(cause)) throw cause;
    throw new OciError('UnsupportedImage', `unpack layer '${file}': not a sound tar archive`, {
      cause,
    });
  } finally {
    entries.destroy();
  }
}

async function feedAll(
  entries: Extract,
  chunks: AsyncIterable<Uint8Array>,
  budget: LayerBudget,
): Promise<void> {
  for await (const chunk of chunks) {
    budget.spendBytes(chunk.length);
    if (!entries.write(chunk)) await drained(entries);
    if (entries.destroyed) return;
  }
  entries.end(undefined);
}

/** Waits until there is room, or until nobody reads any more. */
async function drained(entries: Extract): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  entries.once('drain', resolve);
  entries.once('close', resolve);
  await promise;
  entries.off('drain', resolve);
  entries.off('close', resolve);
}

/** The library's types leave open what entries consist of; it is buffers. */
function contentOf(entry: AsyncIterable<unknown>): AsyncIterable<Uint8Array> {
  return entry as AsyncIterable<Uint8Array>;
}

async function decompressor(file: string): Promise<Duplex> {
  await using handle = await open(file);
  const { buffer } = await handle.read(Buffer.alloc(4), 0, 4, 0);
  const magic = buffer.toString('hex');
  if (magic.startsWith('1f8b')) return createGunzip();
  return magic === '28b52ffd' ? createZstdDecompress() : new PassThrough();
}
