import { alignTo } from '../abi/codec.ts';
import type { PrimitiveType } from '../binary/component.ts';
import type { Frame } from './frame.ts';
import { interfaceName } from './interface-name.ts';
import type { TypeItem, ValueTypeItem } from './items.ts';
import type { PlannedResource, PlannedType } from './link-plan.ts';
import { UnsupportedComponent } from './unsupported-component.ts';

/** How deep types may nest. */
const deepestNesting = 100;
/** The most bytes of a value, without what its lists and strings point to. */
const largestValue = 1 << 20;
/** As many flags as a word has bits. */
const mostFlags = 32;

/** Bytes of each type of numbers. */
export const numberSizes = {
  s8: 1,
  u8: 1,
  s16: 2,
  u16: 2,
  s32: 4,
  u32: 4,
  s64: 8,
  u64: 8,
  f32: 4,
  f64: 8,
} as const satisfies Partial<Record<PrimitiveType, number>>;

const primitiveSizes: Readonly<Record<PrimitiveType, number>> = {
  ...numberSizes,
  bool: 1,
  char: 4,
  string: 8,
  'error-context': 4,
};

interface Layout {
  readonly size: number;
  readonly align: number;
}

/** The types that are needed when the component runs, each once. */
export class TypeTable {
  readonly types: PlannedType[] = [];
  readonly #partOf: (frame: Frame) => number;
  readonly #layouts: Layout[] = [];
  readonly #known = new Map<TypeItem, number>();
  readonly #byShape = new Map<string, number>();
  /** Those by which something is lent. */
  readonly #lending = new Set<number>();

  constructor({ partOf }: { readonly partOf: (frame: Frame) => number }) {
    this.#partOf = partOf;
  }

  /**
   * The index of a type.
   *
   * @throws {UnsupportedComponent} where it is no type of values, or of too large ones
   */
  indexOf(type: TypeItem, depth = 0): number {
    const known = this.#known.get(type);
    if (known !== undefined) return known;
    if (depth > deepestNesting) throw tooLarge(`types nested deeper than ${deepestNesting}`);
    const planned = this.#plan(type, depth + 1);
    const shape = JSON.stringify(planned);
    const index = this.#byShape.get(shape) ?? this.#add(planned);
    this.#byShape.set(shape, index);
    this.#known.set(type, index);
    return index;
  }

  /**
   * As {@link indexOf}, for what outlives a call.
   *
   * @throws {UnsupportedComponent} besides where something would be lent by it
   */
  lastingIndexOf(type: TypeItem, depth = 0): number {
    const index = this.indexOf(type, depth);
    if (this.#lending.has(index)) throw noValue('it lends a resource for longer than a call');
    return index;
  }

  #add(type: PlannedType): number {
    const layout = this.#layout(type);
    if (layout.size > largestValue) throw tooLarge(`values of ${layout.size} bytes`);
    // There are none in the component model, and a list could have any number of them.
    if (layout.size === 0) throw noValue('it passes values of no bytes');
    this.#layouts.push(layout);
    const index = this.types.push(type) - 1;
    if (type.kind === 'borrow' || partsOf(type).some((part) => this.#lending.has(part))) {
      this.#lending.add(index);
    }
    return index;
  }

  #plan(type: TypeItem, depth: number): PlannedType {
    if (!isValueType(type)) throw noValue(`it passes a ${type.kind}`);
    switch (type.kind) {
      case 'primitive':
        if (type.type === 'error-context') throw asynchronous('an error context');
        return type;
      case 'flags':
        if (type.count > mostFlags || type.count === 0) throw noValue(`it has ${type.count} flags`);
        return type;
      case 'tuple':
        return { kind: 'tuple', items: type.items.map((item) => this.indexOf(item, depth)) };
      case 'variant': {
        if (type.cases.length === 0) throw noValue('it has a variant without cases');
        const cases = type.cases.map((item) => (item ? this.indexOf(item, depth) : null));
        return { kind: 'variant', cases };
      }
      case 'list': {
        const { length } = type;
        const item = this.indexOf(type.item, depth);
        return { kind: 'list', item, ...(length !== undefined && { length }) };
      }
      case 'own':
      case 'borrow':
        return { kind: type.kind, resource: this.#resource(type.resource) };
      case 'stream':
      case 'future':
        return { kind: type.kind, item: type.item ? this.lastingIndexOf(type.item, depth) : null };
      default:
        return type satisfies never;
    }
  }

  #resource(type: TypeItem): PlannedResource {
    if (type.kind !== 'resource') throw noValue(`it passes a handle of a ${type.kind}`);
    const { resource } = type;
    return resource.kind === 'host'
      ? { ...resource, interface: interfaceName(resource.interface) }
      : { kind: 'guest', type: resource.id, part: this.#partOf(resource.frame) };
  }

  #layout(type: PlannedType): Layout {
    switch (type.kind) {
      case 'primitive': {
        const size = primitiveSizes[type.type];
        return { size, align: type.type === 'string' ? 4 : size };
      }
      case 'tuple':
        return layOut(type.items.map((item) => this.#layoutAt(item)));
      case 'variant': {
        const payloads = type.cases.map((item) => this.#layoutAt(item ?? undefined));
        const largest = payloads.reduce((left, right) => ({
          size: Math.max(left.size, right.size),
          align: Math.max(left.align, right.align),
        }));
        const discriminant = discriminantSize(type.cases.length);
        return layOut([{ size: discriminant, align: discriminant }, largest]);
      }
      case 'flags': {
        const size = flagsSize(type.count);
        return { size, align: size };
      }
      case 'list': {
        if (type.length === undefined) return { size: 8, align: 4 };
        const { size, align } = this.#layoutAt(type.item);
        return { size: size * type.length, align };
      }
      case 'own':
      case 'borrow':
      case 'stream':
      case 'future':
        return { size: 4, align: 4 };
      default:
        return type satisfies never;
    }
  }

  #layoutAt(index: number | undefined): Layout {
    return (index === undefined ? undefined : this.#layouts[index]) ?? { size: 0, align: 1 };
  }
}

/** Bytes of the number that tells a variant's case. */
export function discriminantSize(cases: number): 1 | 2 | 4 {
  if (cases <= 1 << 8) return 1;
  return cases <= 1 << 16 ? 2 : 4;
}

/** Bytes of so many flags. */
export function flagsSize(count: number): 1 | 2 | 4 {
  if (count <= 8) return 1;
  return count <= 16 ? 2 : 4;
}

function layOut(fields: readonly Layout[]): Layout {
  let size = 0;
  let align = 1;
  for (const field of fields) {
    size = alignTo(size, field.align) + field.size;
    align = Math.max(align, field.align);
  }
  return { size: alignTo(size, align), align };
}

/** The types whose values a value has in it; what passes through a channel is not. */
function partsOf(type: PlannedType): readonly number[] {
  switch (type.kind) {
    case 'tuple':
      return type.items;
    case 'variant':
      return type.cases.filter((item) => item !== null);
    case 'list':
      return [type.item];
    default:
      return [];
  }
}

function isValueType(type: TypeItem): type is ValueTypeItem {
  return !['function', 'resource', 'instance', 'component'].includes(type.kind);
}

function tooLarge(what: string): UnsupportedComponent {
  return new UnsupportedComponent('too-large', `it passes ${what} between its components`);
}

function noValue(what: string): UnsupportedComponent {
  return new UnsupportedComponent('unresolved-index', `${what} between its components`);
}

function asynchronous(what: string): UnsupportedComponent {
  return new UnsupportedComponent('asynchronous-abi', `it passes ${what} between its components`);
}
