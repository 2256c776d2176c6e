/** Types of records, by their numbers in DNS. */
const recordType = { a: 1, cname: 5, aaaa: 28 } as const;
export type AddressRecord = 'a' | 'aaaa';

export interface DnsAnswer {
  readonly kind: 'answer';
  readonly addresses: readonly string[];
}

/** What a response says; `truncated` asks for TCP, `absent` is a name that nobody has. */
export type DnsResponse =
  | DnsAnswer
  | { readonly kind: 'absent' }
  | { readonly kind: 'truncated' }
  | { readonly kind: 'refused' };

const headerLength = 12;
const classInternet = 1;
const flagResponse = 0x8000;
const flagTruncated = 0x0200;
const flagRecursionDesired = 0x0100;
const codeNameError = 3;
/** Longest chain of aliases that is followed. */
const mostAliases = 16;
const mostRecords = 256;

/** A query for one type of a name's records. */
export function encodeQuery(id: number, name: string, type: AddressRecord): Uint8Array {
  const labels = name.split('.').map((label) => Buffer.from(label, 'latin1'));
  const question = Buffer.concat([
    ...labels.flatMap((label) => [Buffer.of(label.length), label]),
    Buffer.of(0, 0, recordType[type], 0, classInternet),
  ]);
  const header = Buffer.alloc(headerLength);
  header.writeUInt16BE(id, 0);
  header.writeUInt16BE(flagRecursionDesired, 2);
  header.writeUInt16BE(1, 4);
  return Buffer.concat([header, question]);
}

/**
 * Reads what claims to be the response to a query. Nothing of it is trusted: lengths and pointers
 * are checked, and only records count that the question leads to.
 *
 * @returns undefined for what is no response to this query
 */
export function decodeResponse(
  message: Uint8Array,
  query: Uint8Array,
  { name, type }: { readonly name: string; readonly type: AddressRecord },
): DnsResponse | undefined {
  try {
    return decode(new MessageReader(message), Buffer.from(query), name, type);
  } catch (thrown) {
    if (thrown instanceof RangeError) return undefined;
    throw thrown;
  }
}

function decode(
  reader: MessageReader,
  query: Buffer,
  name: string,
  type: AddressRecord,
): DnsResponse | undefined {
  const [id, flags, questions, answers] = [reader.u16(), reader.u16(), reader.u16(), reader.u16()];
  if (id !== query.readUInt16BE(0) || (flags & flagResponse) === 0 || questions !== 1)
    return undefined;
  reader.skip(4);
  const isOurs = reader.name() === name && reader.u16() === recordType[type];
  if (!isOurs || reader.u16() !== classInternet) return undefined;
  if ((flags & flagTruncated) !== 0) return { kind: 'truncated' };
  const code = flags & 0xf;
  if (code === codeNameError) return { kind: 'absent' };
  if (code !== 0) return { kind: 'refused' };
  const records = reader.records(Math.min(answers, mostRecords));
  return { kind: 'answer', addresses: addressesOf(records, name, recordType[type]) };
}

interface DnsRecord {
  readonly owner: string;
  readonly type: number;
  /** A name for an alias, an address in text for an address. */
  readonly value: string;
}

/** The addresses of what the name stands for at the end of its aliases. */
function addressesOf(records: readonly DnsRecord[], name: string, type: number): string[] {
  let owner = name;
  for (let step = 0; step < mostAliases; step++) {
    const own = records.filter((record) => record.owner === owner);
    const alias = own.find((record) => record.type === recordType.cname);
    if (alias === undefined) {
      return own.filter((record) => record.type === type).map((record) => record.value);
    }
    owner = alias.value;
  }
  return [];
}

/** Reads in order; what lies outside of the message is a RangeError. */
class MessageReader {
  readonly #view: DataView;
  #at = 0;

  constructor(message: Uint8Array) {
    this.#view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  }

  u16(): number {
    this.#at += 2;
    return this.#view.getUint16(this.#at - 2);
  }

  skip(length: number): void {
    this.#at += length;
  }

  records(count: number): DnsRecord[] {
    const found: DnsRecord[] = [];
    for (let index = 0; index < count; index++) {
      const owner = this.name();
      const type = this.u16();
      const isInternet = this.u16() === classInternet;
      this.skip(4);
      const length = this.u16();
      const end = this.#at + length;
      if (end > this.#view.byteLength) throw new RangeError('a record ends behind its message');
      const value = isInternet ? this.#value(type, length) : undefined;
      if (value !== undefined) found.push({ owner, type, value });
      this.#at = end;
    }
    return found;
  }

  /** A name in lower case; pointers lead backwards only, so that there is an end. */
  name(): string {
    const [name, next] = this.#nameAt(this.#at);
    this.#at = next;
    return name;
  }

  #nameAt(start: number): readonly [name: string, next: number] {
    const labels: string[] = [];
    let at = start;
    let next: number | undefined;
    let barrier = start;
    for (let length = this.#view.getUint8(at); length !== 0; length = this.#view.getUint8(at)) {
      if (length >= 0xc0) {
        next ??= at + 2;
        const target = this.#view.getUint16(at) & 0x3fff;
        if (target >= barrier) throw new RangeError('a name points forwards');
        barrier = target;
        at = target;
        continue;
      }
      if (length > 63 || labels.length > 127) throw new RangeError('a name is too long');
      labels.push(this.#text(at + 1, length));
      at += 1 + length;
    }
    return [labels.join('.').toLowerCase(), next ?? at + 1];
  }

  #text(start: number, length: number): string {
    const bytes = Array.from({ length }, (_, index) => this.#view.getUint8(start + index));
    return String.fromCharCode(...bytes);
  }

  #value(type: number, length: number): string | undefined {
    if (type === recordType.cname) return this.#nameAt(this.#at)[0];
    if (type === recordType.a && length === 4) {
      return [0, 1, 2, 3].map((index) => this.#view.getUint8(this.#at + index)).join('.');
    }
    if (type !== recordType.aaaa || length !== 16) return undefined;
    const groups = Array.from({ length: 8 }, (_, index) =>
      this.#view.getUint16(this.#at + index * 2).toString(16),
    );
    return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
  }
}
