import type { PreparedComponent } from './prepared-component.ts';

/** Changed whenever the plan, the rewriting or this format changes: old files are then made anew. */
export const preparedVersion = 2;
const magic = Buffer.from('krustlet component\0');
const headerSize = magic.length + 8;

/** What is before the modules' bytes, as JSON. */
interface Header {
  readonly plan: PreparedComponent['plan'];
  readonly isolation: PreparedComponent['isolation'];
  readonly modules: readonly { readonly index: number; readonly length: number }[];
}

/** A prepared component as the contents of one file, to be kept by the digest of its image. */
export function encodePrepared(prepared: PreparedComponent): Uint8Array {
  const { plan, isolation, modules } = prepared;
  const lengths = modules.map(({ index, bytes }) => ({ index, length: bytes.length }));
  const header: Header = { plan, isolation, modules: lengths };
  const json = Buffer.from(JSON.stringify(header));
  const numbers = Buffer.alloc(8);
  numbers.writeUInt32LE(preparedVersion, 0);
  numbers.writeUInt32LE(json.length, 4);
  return Buffer.concat([magic, numbers, json, ...modules.map(({ bytes }) => bytes)]);
}

/**
 * Reads what {@link encodePrepared} wrote. The file is the host's own: keep it where no guest can
 * write.
 *
 * @returns undefined for another version's file, or one that was cut short: prepare it again
 */
export function decodePrepared(file: Uint8Array): PreparedComponent | undefined {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.length);
  if (bytes.length < headerSize || !bytes.subarray(0, magic.length).equals(magic)) return undefined;
  if (bytes.readUInt32LE(magic.length) !== preparedVersion) return undefined;
  const jsonEnd = headerSize + bytes.readUInt32LE(magic.length + 4);
  if (jsonEnd > bytes.length) return undefined;
  // The magic and the version vouch for the shape.
  const header = JSON.parse(bytes.toString('utf8', headerSize, jsonEnd)) as Header;
  let at = jsonEnd;
  const modules = header.modules.map(({ index, length }) => {
    const start = at;
    at += length;
    return { index, bytes: Uint8Array.from(bytes.subarray(start, at)) };
  });
  if (at !== bytes.length) return undefined;
  return { plan: header.plan, isolation: header.isolation, modules };
}
