import { createReadStream, statSync } from 'node:fs';
import type { AbortOptions } from '../abort-options.ts';
import { checkModule } from '../artifact/check-module.ts';
import type { Clock } from '../clock.ts';
import { emptyImageConfig } from '../content/image-config.ts';
import { wasmLayerType } from '../content/media-types.ts';
import { codeOf } from '../error-code.ts';
import { OciError } from '../errors.ts';
import { imageName } from '../reference/image-name.ts';
import type { FileIdentity, ImageRecord } from '../store/image-record.ts';
import type { ImageStore } from '../store/image-store.ts';

/**
 * Copies a module from this machine into the store, where nobody changes it while it runs. A file
 * that is as it was the last time is not copied again.
 *
 * @throws OciError `NotFound` or `InvalidModule`
 */
export async function importLocalModule(
  store: ImageStore,
  file: string,
  clock: Clock,
  options: AbortOptions = {},
): Promise<ImageRecord> {
  const name = imageName(`fs/${file}`);
  const source = identify(file);
  const cached = await store.get(name);
  if (cached?.source !== undefined && isSame(cached.source, source)) return cached;

  await checkModule(file, `'${file}'`);
  const { digest, size } = await store.blobs.add(createReadStream(file, options), `'${file}'`);
  const now = clock.now();
  const layer = { mediaType: wasmLayerType, digest, size };
  const record: ImageRecord = {
    name,
    digest,
    shape: 'module',
    layers: [layer],
    config: emptyImageConfig,
    blobs: [{ digest, size }],
    pulledAt: now,
    lastUsedAt: now,
    access: { public: true, credentials: [] },
    source,
  };
  const recorded = await store.record(record, options);
  if (recorded !== undefined) return recorded;
  throw new OciError('NotFound', `use '${file}': it was removed from the store meanwhile`);
}

function identify(file: string): FileIdentity {
  try {
    const found = statSync(file);
    if (!found.isFile()) throw new OciError('NotFound', `read '${file}': it is not a file`);
    return { size: found.size, mtimeMs: found.mtimeMs, inode: found.ino };
  } catch (cause) {
    if (codeOf(cause) !== 'ENOENT') throw cause;
    throw new OciError('NotFound', `read '${file}': there is no such file`, { cause });
  }
}

function isSame(a: FileIdentity, b: FileIdentity): boolean {
  return a.size === b.size && a.mtimeMs === b.mtimeMs && a.inode === b.inode;
}
