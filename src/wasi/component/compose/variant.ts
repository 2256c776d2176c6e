import { alignTo, type CoreType, type CoreValue } from '../abi/codec.ts';
import type { Guest } from '../abi/guest.ts';
import { GuestTrap } from '../abi/guest-trap.ts';
import { unsignedAt } from '../abi/numbers.ts';
import { typeIdentity } from '../abi/type-identity.ts';
import { discriminantSize } from '../link/type-table.ts';
import { convert, loadWord, storeWord } from './primitives.ts';
import { mostFlat, type ValueType } from './value-type.ts';

/** A value of a variant on its way. */
interface Chosen {
  readonly index: number;
  readonly payload: unknown;
}

/** A variant, an option, a result or an enumeration, by what its cases carry. */
export function variant(cases: readonly (ValueType | undefined)[]): ValueType {
  return new Variant(cases);
}

class Variant implements ValueType {
  readonly size: number;
  readonly align: number;
  readonly flat: readonly CoreType[] | undefined;
  readonly #cases: readonly (ValueType | undefined)[];
  readonly #discriminant: 1 | 2 | 4;
  readonly #payloadAt: number;

  constructor(cases: readonly (ValueType | undefined)[]) {
    this.#cases = cases;
    this.#discriminant = discriminantSize(cases.length);
    let [largest, align] = [0, 1];
    for (const payload of cases) {
      if (payload === undefined) continue;
      largest = Math.max(largest, payload.size);
      align = Math.max(align, payload.align);
    }
    this.#payloadAt = alignTo(this.#discriminant, align);
    this.align = Math.max(this.#discriminant, align);
    this.size = alignTo(this.#payloadAt + largest, this.align);
    this.flat = flatOf(cases);
  }

  readonly identity = (): number => typeIdentity('variant', this.#cases);

  load(guest: Guest, pointer: number): Chosen {
    const index = loadWord(guest.memory, pointer, this.#discriminant);
    const payload = this.#case(index)?.load(guest, pointer + this.#payloadAt);
    return { index, payload };
  }

  store(guest: Guest, pointer: number, value: unknown): void {
    const { index, payload } = value as Chosen;
    storeWord(guest.memory, pointer, this.#discriminant, index);
    this.#cases[index]?.store(guest, pointer + this.#payloadAt, payload);
  }

  lift(guest: Guest, values: readonly CoreValue[], at: number): Chosen {
    const index = unsignedAt(values, at);
    const type = this.#case(index);
    if (type === undefined) return { index, payload: undefined };
    const own = (type.flat ?? []).map((to, offset) =>
      convert(values[at + 1 + offset] ?? 0, this.#flatAt(1 + offset), to),
    );
    return { index, payload: type.lift(guest, own, 0) };
  }

  lower(guest: Guest, value: unknown, out: CoreValue[]): void {
    const { index, payload } = value as Chosen;
    const type = this.#cases[index];
    const own: CoreValue[] = [];
    type?.lower(guest, payload, own);
    out.push(index);
    for (let at = 1; at < (this.flat?.length ?? 0); at++) {
      const from = type?.flat?.[at - 1];
      const to = this.#flatAt(at);
      if (from === undefined) out.push(to === 'i64' ? 0n : 0);
      else out.push(convert(own[at - 1] ?? 0, from, to));
    }
  }

  #flatAt(at: number): CoreType {
    return this.flat?.[at] ?? 'i32';
  }

  #case(index: number): ValueType | undefined {
    if (index < this.#cases.length) return this.#cases[index];
    throw new GuestTrap(`Cannot read a variant: it has no case ${index}`);
  }
}

/** The payloads of all cases share their core values, each as wide as the widest needs it. */
function flatOf(cases: readonly (ValueType | undefined)[]): CoreType[] | undefined {
  const joined: CoreType[] = ['i32'];
  for (const payload of cases) {
    if (payload === undefined) continue;
    if (payload.flat === undefined || payload.flat.length >= mostFlat) return undefined;
    for (const [index, type] of payload.flat.entries()) {
      const known = joined[index + 1];
      joined[index + 1] = known === undefined ? type : join(known, type);
    }
  }
  return joined;
}

function join(left: CoreType, right: CoreType): CoreType {
  if (left === right) return left;
  const isNarrow = (type: CoreType) => type === 'i32' || type === 'f32';
  return isNarrow(left) && isNarrow(right) ? 'i32' : 'i64';
}
