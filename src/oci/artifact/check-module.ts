import { open } from 'node:fs/promises';
import { OciError } from '../errors.ts';
import { nameFileFormat } from './name-file-format.ts';

const magic = '\0asm';

/** Enough to tell text from bytes and one format from another. */
const headSize = 4096;

/**
 * Fails unless the file starts as a WebAssembly binary does, and says what it is instead.
 *
 * @throws OciError `InvalidModule`
 */
export async function checkModule(file: string, what: string): Promise<void> {
  const head = await readHead(file);
  if (head.subarray(0, 4).equals(Buffer.from(magic))) return;
  throw new OciError(
    'InvalidModule',
    `read ${what}: not a WebAssembly module: it is ${nameFileFormat(head)}`,
  );
}

async function readHead(file: string): Promise<Buffer> {
  await using handle = await open(file);
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(headSize), 0, headSize, 0);
  return buffer.subarray(0, bytesRead);
}
