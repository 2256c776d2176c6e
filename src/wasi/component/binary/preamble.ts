import { MalformedBinary } from './malformed-binary.ts';
import type { Reader } from './reader.ts';

const magic = 0x6d736100;

/** What a WebAssembly file says it is in its first eight bytes. */
export type Layer = 'core-module' | 'component';

/** The layer of a WebAssembly file, or undefined if it is no WebAssembly at all. */
export function layerOf(bytes: Uint8Array): Layer | undefined {
  if (bytes.length < 8) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, 8);
  if (view.getUint32(0, true) !== magic) return undefined;
  if (view.getUint32(4, true) === 1) return 'core-module';
  // Components: version 13 (0x0d), layer 1.
  return view.getUint16(4, true) === 0x0d && view.getUint16(6, true) === 1
    ? 'component'
    : undefined;
}

/** Reads the preamble of a binary that must be of `layer`. */
export function readPreamble(reader: Reader, layer: Layer): void {
  const start = reader.position;
  if (layerOf(reader.take(8)) !== layer) throw new MalformedBinary(`not a ${layer}`, start);
}
