/**
 * ITU-T X.690 DER, as far as certificates and certificate requests are written in it. Every
 * function gives one encoded value.
 */

/** Values one after the other. */
export function sequence(...values: readonly Buffer[]): Buffer {
  return tagged(0x30, Buffer.concat(values));
}

/** Values in the order that DER gives a SET OF. */
export function set(...values: readonly Buffer[]): Buffer {
  return tagged(0x31, Buffer.concat(values.toSorted(Buffer.compare)));
}

/** A whole number that is not negative, from its big-endian bytes or as a number. */
export function integer(value: Uint8Array | number): Buffer {
  const bytes = typeof value === 'number' ? bytesOf(value) : Buffer.from(value);
  const first = bytes.findIndex((byte) => byte !== 0);
  const digits = first === -1 ? Buffer.from([0]) : bytes.subarray(first);
  const isNegative = (digits[0] ?? 0) > 0x7f;
  return tagged(0x02, isNegative ? Buffer.concat([Buffer.from([0]), digits]) : digits);
}

/** `true` or `false`. */
export function boolean(value: boolean): Buffer {
  return tagged(0x01, Buffer.from([value ? 0xff : 0]));
}

/** An object identifier in dotted form, such as `2.5.4.3`. */
export function objectIdentifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return tagged(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]));
}

/** Text in UTF-8. */
export function utf8String(text: string): Buffer {
  return tagged(0x0c, Buffer.from(text, 'utf8'));
}

/** Bytes. */
export function octetString(bytes: Uint8Array): Buffer {
  return tagged(0x04, bytes);
}

/** Bits: whole bytes, less so many unused bits at the end. */
export function bitString(bytes: Uint8Array, unusedBits = 0): Buffer {
  return tagged(0x03, Buffer.concat([Buffer.from([unusedBits]), bytes]));
}

/** A time: UTCTime until 2049, as RFC 5280 demands, GeneralizedTime from then on. */
export function time(date: Date): Buffer {
  const digits = date.toISOString().replace(/\.\d+Z$|[-:T]/g, '');
  return date.getUTCFullYear() < 2050
    ? tagged(0x17, Buffer.from(`${digits.slice(2)}Z`))
    : tagged(0x18, Buffer.from(`${digits}Z`));
}

/** A value under a context-specific tag that holds other values. */
export function context(number: number, content: Buffer): Buffer {
  return tagged(0xa0 + number, content);
}

/** Bytes under a context-specific tag that stands for a plain type. */
export function contextPrimitive(number: number, content: Uint8Array): Buffer {
  return tagged(0x80 + number, content);
}

function tagged(tag: number, content: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([tag, ...lengthOf(content.length)]), content]);
}

function lengthOf(length: number): readonly number[] {
  if (length < 0x80) return [length];
  const bytes = bytesOf(length);
  return [0x80 + bytes.length, ...bytes];
}

function bytesOf(value: number): Buffer {
  const hex = value.toString(16);
  return Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex');
}

function base128(value: number): readonly number[] {
  const digits = [value & 0x7f];
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) digits.unshift(0x80 | (rest & 0x7f));
  return digits;
}
