import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { codeOf } from '../error-code.ts';
import { OciError } from '../errors.ts';

/** Makes a rename last through a power failure. Windows has no such call, nor the need. */
export async function syncDirectory(directory: string): Promise<void> {
  if (process.platform === 'win32') return;
  await using handle = await open(directory);
  await handle.sync();
}

/** Replaces a file so that whoever reads it finds the old or the new content, at any time. */
export async function replaceFile(
  file: string,
  content: string | Uint8Array,
  { temporary, mode }: { temporary: string; mode: number },
): Promise<void> {
  try {
    await writeDurably(temporary, content, mode);
    await rename(temporary, file);
    await syncDirectory(path.dirname(file));
  } catch (error) {
    await rm(temporary, { force: true });
    throw asDiskError(error, `write '${file}'`);
  }
}

async function writeDurably(file: string, content: string | Uint8Array, mode: number) {
  await using handle = await open(file, 'wx', mode);
  await handle.writeFile(content);
  await handle.sync();
}

/** Writes all of a chunk; a single write may stop early when the disk is nearly full. */
export async function writeFully(handle: FileHandle, chunk: Uint8Array, position: number) {
  let written = 0;
  while (written < chunk.length) {
    const rest = chunk.length - written;
    const { bytesWritten } = await handle.write(chunk, written, rest, position + written);
    written += bytesWritten;
  }
}

/** A full disk as an error that says so; anything else as it is. */
export function asDiskError(error: unknown, action: string): unknown {
  const code = codeOf(error);
  if (code !== 'ENOSPC' && code !== 'EDQUOT') return error;
  const why = code === 'ENOSPC' ? 'no space is left on the disk' : 'the disk quota is used up';
  return new OciError('DiskFull', `${action}: ${why}`, { cause: error });
}
