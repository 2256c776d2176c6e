import { open } from 'node:fs/promises';
import { type Layer, layerOf } from '../../wasi/component/binary/preamble.ts';

/** What the beginning of a file says it is; undefined where it is no WebAssembly. */
export async function readLayer(file: string): Promise<Layer | undefined> {
  await using handle = await open(file);
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(8), 0, 8, 0);
  return layerOf(buffer.subarray(0, bytesRead));
}
