/** Thrown for bytes that are no message. */
export class WireError extends Error {
  override readonly name = 'WireError';
}

/** One occurrence of a field: a number, or the bytes of a string, a message or packed numbers. */
export type WireValue =
  | { readonly kind: 'number'; readonly value: bigint }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array };

const wireTypes = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/**
 * Takes a message apart, occurrence by occurrence.
 *
 * @throws {WireError} where the bytes are cut short, or no message
 * @see https://protobuf.dev/programming-guides/encoding/
 */
export function* readFields(message: Uint8Array): Generator<readonly [number, WireValue]> {
  const reader = new WireReader(message);
  while (!reader.isAtEnd) {
    const tag = Number(reader.varint());
    const id = Math.floor(tag / 8);
    if (id === 0) throw new WireError('reading a message failed: a field has the number 0');
    yield [id, reader.value(tag % 8)];
  }
}

/** The bytes of a field with a number. */
export function numberField(id: number, value: bigint): Uint8Array {
  return Uint8Array.from([...varint(BigInt(id * 8)), ...varint(BigInt.asUintN(64, value))]);
}

/** The bytes of a field with a string or a message, its content apart. */
export function bytesField(id: number, content: Uint8Array): readonly Uint8Array[] {
  const tag = varint(BigInt(id * 8 + wireTypes.bytes));
  return [Uint8Array.from([...tag, ...varint(BigInt(content.length))]), content];
}

function varint(value: bigint): readonly number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return [...bytes, Number(rest)];
}

class WireReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  varint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#bytes[this.#at];
      if (byte === undefined) throw cutShort();
      this.#at += 1;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw new WireError('reading a message failed: a number has more than ten bytes');
  }

  value(type: number): WireValue {
    switch (type) {
      case wireTypes.varint:
        return { kind: 'number', value: this.varint() };
      case wireTypes.bytes:
        return { kind: 'bytes', bytes: this.#take(Number(this.varint())) };
      case wireTypes.fixed64:
        return { kind: 'bytes', bytes: this.#take(8) };
      case wireTypes.fixed32:
        return { kind: 'bytes', bytes: this.#take(4) };
      default:
        throw new WireError(`reading a message failed: wire type ${type} is not known`);
    }
  }

  #take(length: number): Uint8Array {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw cutShort();
    const taken = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }
}

function cutShort(): WireError {
  return new WireError('reading a message failed: it is cut short');
}
