import { type Message, message } from './message.ts';
import { bytesField, numberField, WireError, type WireValue } from './wire.ts';

/** One field of a message. */
export interface Field<T> {
  /** Its number on the wire. */
  readonly id: number;
  /** Types all that was sent for it, in order; nothing gives the default. */
  decode(values: readonly WireValue[]): T;
  encode(value: T): readonly Uint8Array[];
}

/** A `string`. */
export function text(id: number): Field<string> {
  return {
    id,
    decode: (values) => decodeText(values.at(-1)),
    encode: (value) => (value === '' ? [] : bytesField(id, Buffer.from(value))),
  };
}

/** A `bool`. */
export function flag(id: number): Field<boolean> {
  return {
    id,
    decode: (values) => numberOf(values.at(-1)) !== 0n,
    encode: (value) => (value ? [numberField(id, 1n)] : []),
  };
}

/** An `int32`, `int64` or enum; beyond 2^53 it is as near as a number can be. */
export function integer(id: number): Field<number> {
  return {
    id,
    decode: (values) => toInteger(numberOf(values.at(-1))),
    encode: (value) => (value === 0 ? [] : [numberField(id, BigInt(value))]),
  };
}

/** A `repeated string`. */
export function texts(id: number): Field<readonly string[]> {
  return {
    id,
    decode: (values) => values.map(decodeText),
    encode: (all) => all.flatMap((each) => bytesField(id, Buffer.from(each))),
  };
}

/** A message in a message; `undefined` where it was not sent. */
export function optional<T>(id: number, type: Message<T>): Field<T | undefined> {
  return {
    id,
    decode: (values) => {
      const last = values.at(-1);
      return last && type.decode(bytesOf(last));
    },
    encode: (value) => (value === undefined ? [] : bytesField(id, type.encode(value))),
  };
}

/** A `repeated` message. */
export function repeated<T>(id: number, type: Message<T>): Field<readonly T[]> {
  return {
    id,
    decode: (values) => values.map((value) => type.decode(bytesOf(value))),
    encode: (all) => all.flatMap((each) => bytesField(id, type.encode(each))),
  };
}

/** A `map<string, string>`. */
export function textMap(id: number): Field<Readonly<Record<string, string>>> {
  const entries = repeated(id, message({ key: text(1), value: text(2) }));
  return {
    id,
    decode: (values) =>
      Object.fromEntries(entries.decode(values).map(({ key, value }) => [key, value])),
    encode: (map) => entries.encode(Object.entries(map).map(([key, value]) => ({ key, value }))),
  };
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decodeText(value: WireValue | undefined): string {
  if (value === undefined) return '';
  try {
    return utf8.decode(bytesOf(value));
  } catch (cause) {
    if (cause instanceof WireError) throw cause;
    throw new WireError('reading a message failed: a string is not UTF-8', { cause });
  }
}

function bytesOf(value: WireValue): Uint8Array {
  if (value.kind === 'bytes') return value.bytes;
  throw new WireError('reading a message failed: a number stands where bytes were expected');
}

function numberOf(value: WireValue | undefined): bigint {
  if (value === undefined) return 0n;
  if (value.kind === 'number') return value.value;
  throw new WireError('reading a message failed: bytes stand where a number was expected');
}

function toInteger(value: bigint): number {
  return Number(BigInt.asIntN(64, value));
}
