/** What an archive has at a name; `other` is what a guest has no use for, such as a device. */
export type EntryType = 'file' | 'directory' | 'symlink' | 'link' | 'other';

/** An entry of an archive, without its content. */
export interface TarHeader {
  readonly name: string;
  readonly type: EntryType;
  /** Where a link leads; empty for all else. */
  readonly linkname: string;
  readonly mode: number;
  /** Bytes of content. */
  readonly size: number;
  readonly mtime: Date;
}

/** What a block says: an entry, or what holds the next entry's long names. */
export type TarBlock =
  | { readonly kind: 'entry'; readonly header: TarHeader; readonly hasContent: boolean }
  | { readonly kind: 'pax' | 'long-name' | 'long-link' | 'ignored'; readonly size: number };

/** An archive that breaks the format. */
export class MalformedArchive extends Error {
  override readonly name = 'MalformedArchive';
}

export const blockBytes = 512;

const entryTypes: Readonly<Record<string, EntryType>> = {
  '0': 'file',
  '\0': 'file',
  '7': 'file',
  '1': 'link',
  '2': 'symlink',
  '5': 'directory',
};
const longKinds: Readonly<Record<string, 'pax' | 'long-name' | 'long-link' | 'ignored'>> = {
  x: 'pax',
  L: 'long-name',
  K: 'long-link',
  // Defaults for all entries: git writes a comment there, and nobody an entry's name or size.
  g: 'ignored',
};
/** Links, devices, directories and pipes: what they say of a size is of no content here. */
const withoutContent = /[1-6]/;
/** The farthest that a Date reaches, in seconds. */
const farthest = 8.64e12;
const blankChecksum = 8 * 0x20;

/**
 * Parses a block of a tar archive: https://www.gnu.org/software/tar/manual/html_node/Standard.html
 *
 * @param block so many bytes as {@link blockBytes}
 * @returns `undefined` for the zeros at the archive's end
 * @throws {MalformedArchive}
 */
export function parseTarBlock(block: Buffer): TarBlock | undefined {
  const sum = checksum(block);
  if (sum === blankChecksum) return undefined;
  if (sum !== numberAt(block, 148, 8)) throw new MalformedArchive('a header has a wrong checksum');
  const magic = block.toString('latin1', 257, 263);
  if (!magic.startsWith('ustar')) throw new MalformedArchive('a header is of an unknown format');
  const flag = block.toString('latin1', 156, 157);
  const hasContent = !withoutContent.test(flag);
  const size = hasContent ? numberAt(block, 124, 12) : 0;
  if (!isSize(size)) throw new MalformedArchive(`an entry has ${size} bytes`);
  const kind = longKinds[flag];
  if (kind !== undefined) return { kind, size };
  const prefix = magic === 'ustar\0' ? textAt(block, 345, 155) : '';
  const base = textAt(block, 0, 100);
  const name = prefix === '' ? base : `${prefix}/${base}`;
  const header = {
    name,
    type: entryTypes[flag] ?? 'other',
    linkname: textAt(block, 157, 100),
    mode: numberAt(block, 100, 8),
    size,
    mtime: dateOf(numberAt(block, 136, 12)),
  } as const;
  return { kind: 'entry', header, hasContent };
}

/** What an entry's extended header says in place of its block. */
export interface PaxRecords {
  readonly path?: string;
  readonly linkpath?: string;
  readonly size?: number;
}

/**
 * Parses an extended header: `LENGTH KEY=VALUE\n`, again and again.
 * https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html#tag_20_94_13_03
 *
 * @throws {MalformedArchive}
 */
export function parsePax(bytes: Buffer): PaxRecords {
  let records: PaxRecords = {};
  for (let start = 0; start < bytes.length; ) {
    const { space, end } = paxRecordAt(bytes, start);
    const equals = bytes.indexOf(0x3d, space);
    if (equals < 0 || equals >= end) throw malformed();
    // A header may be full of tiny records: what of them is not wanted becomes no string.
    const key = equals - space > 9 ? '' : bytes.toString('latin1', space + 1, equals);
    if (key === 'path' || key === 'linkpath' || key === 'size') {
      const value = bytes.toString('utf8', equals + 1, end - 1);
      records = { ...records, [key]: key === 'size' ? sizeOf(value) : value };
    }
    start = end;
  }
  return records;
}

/** Where a record has its first space, and where it ends, by the number that it begins with. */
function paxRecordAt(bytes: Buffer, start: number): { space: number; end: number } {
  let length = 0;
  let space = start;
  for (; ; space++) {
    const digit = (bytes[space] ?? 0) - 0x30;
    if (digit < 0 || digit > 9) break;
    length = Math.min(length * 10 + digit, bytes.length + 1);
  }
  const end = start + length;
  if (bytes[space] === 0x20 && end > space && bytes[end - 1] === 0x0a) return { space, end };
  throw malformed();
}

function malformed(): MalformedArchive {
  return new MalformedArchive('an extended header is malformed');
}

/** The text of a field, or of a long name, up to the zero that ends it. */
export function textAt(bytes: Buffer, offset: number, length: number): string {
  const zero = bytes.indexOf(0, offset);
  const end = offset + length;
  return bytes.toString('utf8', offset, zero < 0 || zero > end ? end : zero);
}

function sizeOf(value: string): number {
  const size = /^\d+$/.test(value) ? Number(value) : Number.NaN;
  if (isSize(size)) return size;
  throw new MalformedArchive(`an entry has '${value.slice(0, 20)}' bytes`);
}

function isSize(size: number): boolean {
  return Number.isSafeInteger(size) && size >= 0;
}

function dateOf(seconds: number): Date {
  return new Date(Math.abs(seconds) <= farthest ? seconds * 1000 : 0);
}

/** Octal digits, or where they would not do, the number itself, marked by its first bit. */
function numberAt(block: Buffer, offset: number, length: number): number {
  const bytes = block.subarray(offset, offset + length);
  if (((bytes[0] ?? 0) & 0x80) !== 0) {
    return Number(BigInt.asIntN(8 * length - 1, BigInt(`0x${bytes.toString('hex')}`)));
  }
  const digits = /^[ \0]*([0-7]*)(?:[ \0]|$)/.exec(bytes.toString('latin1'))?.[1];
  if (digits === undefined) throw new MalformedArchive('a header has a malformed number');
  return digits === '' ? 0 : Number.parseInt(digits, 8);
}

/** The sum of all bytes, those of the checksum itself taken for spaces. */
function checksum(block: Buffer): number {
  let sum = blankChecksum;
  for (let i = 0; i < 148; i++) sum += block[i] ?? 0;
  for (let i = 156; i < blockBytes; i++) sum += block[i] ?? 0;
  return sum;
}
