import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { type Duplex, PassThrough, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import type { AbortOptions } from '../abort-options.ts';
import { isOciError, OciError } from '../errors.ts';
import type { LayerBudget } from './layer-budget.ts';
import { type TarEntry, tarEntries } from './tar-entries.ts';

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
): AsyncGenerator<TarEntry> {
  budget.enter(file);
  const content = await decompressor(file);
  const options = signal === undefined ? {} : { signal };
  const flow = pipeline(createReadStream(file), content, options);
  // What breaks the flow is thrown by the iteration below.
  flow.catch(() => undefined);
  try {
    yield* tarEntries(counted(content, budget), budget);
  } catch (cause) {
    signal?.throwIfAborted();
    if (isOciError(cause)) throw cause;
    throw new OciError('UnsupportedImage', `unpack layer '${file}': not a sound tar archive`, {
      cause,
    });
  } finally {
    content.destroy();
  }
}

async function* counted(content: Readable, budget: LayerBudget): AsyncGenerator<Uint8Array> {
  for await (const chunk of content as AsyncIterable<Uint8Array>) {
    budget.spendBytes(chunk.length);
    yield chunk;
  }
}

async function decompressor(file: string): Promise<Duplex> {
  await using handle = await open(file);
  const { buffer } = await handle.read(Buffer.alloc(4), 0, 4, 0);
  const magic = buffer.toString('hex');
  if (magic.startsWith('1f8b')) return createGunzip();
  return magic === '28b52ffd' ? createZstdDecompress() : new PassThrough();
}
