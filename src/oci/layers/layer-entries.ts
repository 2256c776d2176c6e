import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Duplex } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { type Entry, extract } from 'tar-stream';
import type { AbortOptions } from '../abort-options.ts';
import { isOciError, OciError } from '../errors.ts';
import type { LayerBudget } from './layer-budget.ts';

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
): AsyncGenerator<Entry> {
  const entries = extract();
  const stages = [createReadStream(file), ...(await decompressors(file)), meter(budget), entries];
  const flow = pipeline(stages, signal === undefined ? {} : { signal });
  // What breaks the flow is thrown by the iteration below, or by the wait after it.
  flow.catch(() => undefined);
  try {
    for await (const entry of entries) {
      budget.spendEntry();
      yield entry;
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

async function decompressors(file: string): Promise<Duplex[]> {
  await using handle = await open(file);
  const { buffer } = await handle.read(Buffer.alloc(4), 0, 4, 0);
  const magic = buffer.toString('hex');
  if (magic.startsWith('1f8b')) return [createGunzip()];
  return magic === '28b52ffd' ? [createZstdDecompress()] : [];
}

function meter(budget: LayerBudget) {
  return async function* (chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      budget.spendBytes(chunk.length);
      yield chunk;
    }
  };
}
