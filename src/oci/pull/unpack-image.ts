import { constants, copyFile, mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { AbortOptions } from '../abort-options.ts';
import type { LayerLimits } from '../layers/layer-budget.ts';
import { LayerStack } from '../layers/layer-stack.ts';
import { unpack } from '../layers/unpack.ts';
import type { ImageRecord } from '../store/image-record.ts';
import type { ImageStore } from '../store/image-store.ts';
import { asDiskError } from '../store/write-file.ts';

const titleAnnotation = 'org.opencontainers.image.title';

export interface UnpackOptions extends AbortOptions {
  readonly limits?: LayerLimits;
}

/**
 * Unpacks an image as files into a directory that must not exist yet, and that appears when it is
 * complete. An artifact has one file: its module, under the title it was pushed with.
 *
 * @throws OciError `UnsupportedImage`, `TooLarge`, `DiskFull`
 */
export async function unpackImage(
  store: ImageStore,
  { shape, layers }: ImageRecord,
  directory: string,
  { limits, ...options }: UnpackOptions = {},
): Promise<void> {
  const files = layers.map(({ digest }) => store.blobs.path(digest));
  if (shape === 'filesystem') {
    return await unpack(await LayerStack.read(files, limits, options), directory, options);
  }
  const [file = ''] = files;
  await copyModule(file, fileName(layers[0]?.annotations?.[titleAnnotation]), directory);
}

async function copyModule(file: string, name: string, directory: string): Promise<void> {
  const temporary = `${directory}.${crypto.randomUUID()}.tmp`;
  try {
    await mkdir(temporary);
    await copyFile(file, path.join(temporary, name), constants.COPYFILE_FICLONE);
    await rename(temporary, directory);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw asDiskError(error, `unpack into '${directory}'`);
  }
}

/** A title comes from whoever pushed: only its last part is taken, and only if it is a name. */
function fileName(title = ''): string {
  const name = path.posix.basename(title.replaceAll('\\', '/'));
  return /^[^\0]{1,255}$/.test(name) && name !== '.' && name !== '..' ? name : 'module.wasm';
}
