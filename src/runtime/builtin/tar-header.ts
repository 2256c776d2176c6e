import { BuiltinError } from './builtin-error.ts';

/*
 * Headers of tar archives: ustar, with pax records for what does not fit.
 * https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html
 */

/** Archives are made of blocks of this many bytes. */
export const blockSize = 512;

export type TarEntryKind = 'file' | 'directory' | 'symlink' | 'link' | 'other';

/** One member of an archive. */
export interface TarEntry {
  readonly name: string;
  readonly kind: TarEntryKind;
  /** Bytes of content that follow the header. */
  readonly size: number;
  /** Seconds since 1970. */
  readonly modified: number;
  /** Of a link. */
  readonly target: string;
}

/** What a header block says. Types are ustar's letters; `x`, `g`, `L` and `K` describe others. */
export interface TarHeader {
  readonly name: string;
  readonly type: string;
  readonly size: number;
  readonly modified: number;
  readonly target: string;
}

const kinds: Readonly<Record<string, TarEntryKind>> = {
  '0': 'file',
  '\0': 'file',
  '7': 'file',
  '1': 'link',
  '2': 'symlink',
  '5': 'directory',
};
const types = { file: '0', link: '1', symlink: '2', directory: '5' } as const;

/** What kind of entry a header's type letter stands for. */
export function entryKind(type: string): TarEntryKind {
  return kinds[type] ?? 'other';
}

/** The blocks that go before an entry's content. */
export function encodeTarEntry(entry: TarEntry & { kind: keyof typeof types }): Buffer {
  const long = Buffer.byteLength(entry.name) > 100 || Buffer.byteLength(entry.target) > 100;
  const records = long || entry.size > maxOctalSize ? [paxBlocks(entry)] : [];
  return Buffer.concat([...records, header({ ...entry, type: types[entry.kind] })]);
}

const maxOctalSize = 0o77777777777;
const modes: Readonly<Record<string, number>> = { '5': 0o755, '2': 0o777 };

function header({ name, type, size, modified, target }: TarHeader): Buffer {
  const block = Buffer.alloc(blockSize);
  block.write(cut(name), 0, 100);
  writeOctal(block, 100, 8, modes[type] ?? 0o644);
  writeOctal(block, 108, 8, 0);
  writeOctal(block, 116, 8, 0);
  writeOctal(block, 124, 12, Math.min(size, maxOctalSize));
  writeOctal(block, 136, 12, Math.max(0, modified));
  block.write(type, 156, 'latin1');
  block.write(cut(target), 157, 100);
  block.write('ustar\x0000', 257, 'latin1');
  writeOctal(block, 148, 8, checksum(block));
  return block;
}

function cut(text: string): string {
  return Buffer.from(text)
    .toString('utf8', 0, 100)
    .replace(/\ufffd$/, '');
}

function writeOctal(block: Buffer, offset: number, length: number, value: number): void {
  block.write(
    `${Math.floor(value)
      .toString(8)
      .padStart(length - 1, '0')}\0`,
    offset,
    'latin1',
  );
}

/** The sum of the header's bytes, its own field taken as blanks. */
function checksum(block: Buffer): number {
  let sum = 8 * 0x20;
  for (const [index, byte] of block.entries()) if (index < 148 || index >= 156) sum += byte;
  return sum;
}

function paxBlocks({ name, target, size }: TarEntry): Buffer {
  const records = [paxRecord('path', name), paxRecord('size', String(size))];
  if (target !== '') records.push(paxRecord('linkpath', target));
  const content = Buffer.concat(records);
  const head = { name: 'PaxHeader', type: 'x', size: content.length, modified: 0, target: '' };
  return Buffer.concat([header(head), content, Buffer.alloc(padding(content.length))]);
}

/** A record is preceded by its own length, in digits that count too. */
function paxRecord(key: string, value: string): Buffer {
  const rest = Buffer.from(` ${key}=${value}\n`);
  let length = rest.length + 1;
  while (String(length).length + rest.length !== length)
    length = String(length).length + rest.length;
  return Buffer.concat([Buffer.from(String(length)), rest]);
}

/** Bytes that fill the last block of content of this length. */
export function padding(size: number): number {
  return (blockSize - (size % blockSize)) % blockSize;
}

/**
 * Reads a header block; `undefined` for the empty one that ends an archive.
 *
 * @throws {BuiltinError} where it is no header
 */
export function decodeTarHeader(block: Buffer): TarHeader | undefined {
  if (block.every((byte) => byte === 0)) return undefined;
  if (readNumber(block, 148, 8) !== checksum(block)) {
    throw new BuiltinError('Cannot read the archive: this does not look like a tar archive');
  }
  const ustar = block.toString('latin1', 257, 263) === 'ustar\0';
  const prefix = ustar ? readText(block, 345, 155) : '';
  const name = readText(block, 0, 100);
  return {
    name: prefix === '' ? name : `${prefix}/${name}`,
    type: block.toString('latin1', 156, 157),
    size: readNumber(block, 124, 12),
    modified: readNumber(block, 136, 12),
    target: readText(block, 157, 100),
  };
}

function readText(block: Buffer, offset: number, length: number): string {
  const field = block.subarray(offset, offset + length);
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end < 0 ? length : end);
}

/** Octal digits, or, marked by the first bit, a big-endian number as GNU tar writes it. */
function readNumber(block: Buffer, offset: number, length: number): number {
  if ((block[offset] ?? 0) >= 0x80) return block.readUIntBE(offset + length - 6, 6);
  return Number.parseInt(readText(block, offset, length).trim() || '0', 8);
}

/** The records of a pax header's content. */
export function decodePaxRecords(content: Buffer): ReadonlyMap<string, string> {
  const records = new Map<string, string>();
  for (let at = 0; at < content.length; ) {
    const length = Number.parseInt(content.toString('latin1', at, at + 20), 10);
    if (!(length > 0)) break;
    const record = content.toString('utf8', content.indexOf(' ', at) + 1, at + length - 1);
    const equals = record.indexOf('=');
    records.set(record.slice(0, equals), record.slice(equals + 1));
    at += length;
  }
  return records;
}
