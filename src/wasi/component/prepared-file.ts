import type { PreparedComponent } from './prepared-component.ts';

/**
 * Changed whenever the plan, the rewriting, of modules too, or this format changes: old files are then
 * made anew.
 */
export const preparedVersion = 7;
const magic = Buffer.from('krustlet component\0');
/** Bytes before the JSON. */
export const headerSize = magic.length + 8;

/** What a prepared component's file says before the modules' bytes, as JSON. */
export interface PreparedHeader {
  readonly plan: PreparedComponent['plan'];
  readonly isolation: PreparedComponent['isolation'];
  readonly modules: readonly { readonly index: number; readonly length: number }[];
}

/** A prepared component as the contents of one file, to be kept by the digest of its image. */
export function encodePrepared(prepared: PreparedComponent): Uint8Array {
  const { plan, isolation, modules } = prepared;
  const lengths = modules.map(({ index, bytes }) => ({ index, length: bytes.length }));
  const header: PreparedHeader = { plan, isolation, modules: lengths };
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
  const end = headerEnd(file);
  const header = decodePreparedHeader(file);
  if (header === undefined || end === undefined) return undefined;
  let at = end;
  const modules = header.modules.map(({ index, length }) => {
    const start = at;
    at += length;
    return { index, bytes: Uint8Array.from(file.subarray(start, at)) };
  });
  if (at !== file.length) return undefined;
  return { plan: header.plan, isolation: header.isolation, modules };
}

/** Reads what is before the modules' bytes, from at least as much of a file. As {@link decodePrepared}. */
export function decodePreparedHeader(start: Uint8Array): PreparedHeader | undefined {
  const end = headerEnd(start);
  if (end === undefined || end > start.length) return undefined;
  // The magic and the version vouch for the shape.
  return JSON.parse(asBuffer(start).toString('utf8', headerSize, end)) as PreparedHeader;
}

/** Where the modules' bytes begin, from the first bytes of a file; undefined for another version's. */
export function headerEnd(start: Uint8Array): number | undefined {
  const bytes = asBuffer(start);
  if (bytes.length < headerSize || !bytes.subarray(0, magic.length).equals(magic)) return undefined;
  if (bytes.readUInt32LE(magic.length) !== preparedVersion) return undefined;
  return headerSize + bytes.readUInt32LE(magic.length + 4);
}

function asBuffer({ buffer, byteOffset, length }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, length);
}
