import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CoreValue } from '../abi/codec.ts';
import { ComponentMemory } from '../abi/component-memory.ts';
import { Guest } from '../abi/guest.ts';
import { GuestResource } from '../abi/guest-resource.ts';
import { GuestTrap } from '../abi/guest-trap.ts';
import { Part } from '../abi/part.ts';
import { Resource } from '../abi/resource.ts';
import type { StringEncoding } from '../abi/strings.ts';
import type { PlannedType } from '../link/link-plan.ts';
import { testWorld } from '../testing/fixtures.ts';
import type { ValueType } from './value-type.ts';
import { valueTypes } from './value-types.ts';

class Door extends Resource {}

const world = testWorld();

function guest(index: number, encoding: StringEncoding = 'utf8'): Guest {
  const memory = new WebAssembly.Memory({ initial: 1 });
  let top = 4096;
  const made = new Guest({ part: new Part(index), world }, { encoding });
  made.bind(new ComponentMemory(memory), (_pointer, _size, align, length) => {
    const at = Math.ceil(top / align) * align;
    top = at + length;
    return at;
  });
  return made;
}

/** The last of some types, which refer to each other by index. */
function typeOf(...planned: readonly PlannedType[]): ValueType {
  const type = valueTypes(planned, () => Door).at(-1);
  assert.ok(type);
  return type;
}

const primitive = (type: Extract<PlannedType, { kind: 'primitive' }>['type']) =>
  ({ kind: 'primitive', type }) as const;

/** What a value is in another memory, as core values and as bytes at address 0. */
function pass(type: ValueType, values: readonly CoreValue[], from = guest(0), to = guest(1)) {
  const out: CoreValue[] = [];
  type.lower(to, type.lift(from, values, 0), out);
  type.store(to, 0, type.lift(from, values, 0));
  return { out, bytes: to.memory.slice(0, type.size).toString('hex'), to };
}

describe('a value that crosses from component to component', () => {
  const numbers: readonly (readonly [PlannedType, CoreValue, CoreValue, string])[] = [
    [primitive('bool'), 7, 1, '01'],
    [primitive('u8'), 0x1ff, 0xff, 'ff'],
    [primitive('s8'), 0x1ff, -1, 'ff'],
    [primitive('u16'), -1, 0xffff, 'ffff'],
    [primitive('s16'), 0x8000, -0x8000, '0080'],
    [primitive('u32'), -1, 0xffffffff, 'ffffffff'],
    [primitive('s32'), -2, -2, 'feffffff'],
    [primitive('u64'), 2n ** 63n, 2n ** 63n, '0000000000000080'],
    [primitive('s64'), -1n, -1n, 'ffffffffffffffff'],
    [primitive('f32'), 1.5, 1.5, '0000c03f'],
    [primitive('f64'), -0.1, -0.1, '9a9999999999b9bf'],
    [primitive('char'), 0x1f600, 0x1f600, '00f60100'],
    [{ kind: 'flags', count: 3 }, 0xff, 7, '07'],
    [{ kind: 'flags', count: 32 }, -1, 0xffffffff, 'ffffffff'],
  ];
  for (const [type, value, expected, bytes] of numbers) {
    it(`is a ${'type' in type ? type.type : type.kind}`, () => {
      const passed = pass(typeOf(type), [value]);
      assert.deepEqual(passed.out, [expected]);
      assert.equal(passed.bytes, bytes);
    });
  }

  for (const code of [0xd800, 0xdfff, 0x110000, -1]) {
    it(`is no character ${code}`, () => {
      assert.throws(() => pass(typeOf(primitive('char')), [code]), GuestTrap);
    });
  }

  const encodings = ['utf8', 'utf16', 'latin1+utf16'] as const;
  const texts: Readonly<Record<string, Readonly<Record<StringEncoding, string>>>> = {
    hé: { utf8: '68c3a9', utf16: '6800e900', 'latin1+utf16': '68e9' },
    '€😀': { utf8: 'e282acf09f9880', utf16: 'ac203dd800de', 'latin1+utf16': 'ac203dd800de' },
    '': { utf8: '', utf16: '', 'latin1+utf16': '' },
  };
  for (const from of encodings) {
    for (const to of encodings) {
      it(`is a string from ${from} to ${to}`, () => {
        for (const encoded of Object.values(texts)) {
          const source = guest(0, from);
          const bytes = Buffer.from(encoded[from], 'hex');
          source.memory.write(64, bytes);
          const isWide = encoded['latin1+utf16'] === encoded.utf16 && encoded.utf16 !== '';
          const tag = from === 'latin1+utf16' && isWide ? 0x80000000 : 0;
          const units = from === 'utf8' || (from !== 'utf16' && !isWide) ? 1 : 2;
          const { out, to: target } = pass(
            typeOf(primitive('string')),
            [64, (bytes.length / units + tag) | 0],
            source,
            guest(1, to),
          );
          const [pointer = 0] = out.map(Number);
          const expected = encoded[to];
          assert.equal(target.memory.slice(pointer, expected.length / 2).toString('hex'), expected);
        }
      });
    }
  }

  it('is no string that is not in its encoding, nor in memory', () => {
    const type = typeOf(primitive('string'));
    const source = guest(0);
    source.memory.write(64, Uint8Array.of(0xc3));
    assert.throws(() => pass(type, [64, 1], source), /not UTF-8/);
    assert.throws(() => pass(type, [65535, 2], source), /out of bounds/);
    assert.throws(() => pass(type, [0, 0x10000000], source), /268435456 bytes/);
    const wide = guest(0, 'utf16');
    wide.memory.write(64, Uint8Array.of(0, 0xd8));
    assert.throws(() => pass(type, [64, 1], wide), /not UTF-16/);
    assert.throws(() => pass(type, [65, 1], wide), /misaligned/);
  });

  it('is a list of tuples, without what lies between their fields', () => {
    const type = typeOf(
      primitive('u8'),
      primitive('u32'),
      { kind: 'tuple', items: [0, 1] },
      { kind: 'list', item: 2 },
    );
    const source = guest(0);
    source.memory.write(64, Buffer.from('01aaaaaa0200000003aaaaaa04000000', 'hex'));
    const { out, to } = pass(type, [64, 2], source);
    const [pointer = 0, length] = out.map(Number);
    assert.equal(length, 2);
    assert.equal(to.memory.slice(pointer, 16).toString('hex'), '01000000020000000300000004000000');
  });

  it('is no list that is misaligned, too long or beyond the memory', () => {
    const type = typeOf(primitive('u32'), { kind: 'list', item: 0 });
    assert.throws(() => pass(type, [2, 1]), /misaligned/);
    assert.throws(() => pass(type, [0, 0x10000000]), /bytes/);
    assert.throws(() => pass(type, [65532, 2]), /out of bounds/);
  });

  it('is a variant whose cases share core values', () => {
    const type = typeOf(primitive('f32'), primitive('u64'), primitive('f64'), {
      kind: 'variant',
      cases: [0, 1, 2, null],
    });
    assert.deepEqual(type.flat, ['i32', 'i64']);
    const cases: readonly (readonly [CoreValue, CoreValue, string])[] = [
      [0, 0x3fc00000n, '00000000000000000000c03f00000000'],
      [1, 5n, '01000000000000000500000000000000'],
      [2, 0x3ff8000000000000n, '0200000000000000000000000000f83f'],
    ];
    for (const [index, payload, bytes] of cases) {
      const passed = pass(type, [index, payload]);
      assert.deepEqual(passed.out, [index, payload]);
      assert.equal(passed.bytes, bytes);
    }
    assert.deepEqual(pass(type, [3, 99n]).out, [3, 0n]);
    assert.throws(() => pass(type, [4, 0n]), /no case 4/);
  });

  it('is passed in memory where it is more than 16 core values', () => {
    const items = Array<number>(17).fill(0);
    assert.equal(typeOf(primitive('u8'), { kind: 'tuple', items }).flat, undefined);
    assert.equal(typeOf(primitive('u8'), { kind: 'list', item: 0, length: 17 }).flat, undefined);
    assert.equal(typeOf(primitive('u8'), { kind: 'list', item: 0, length: 16 }).flat?.length, 16);
  });
});

describe('a handle that crosses from component to component', () => {
  const resource = { kind: 'guest', type: 3, part: 1 } as const;

  it('takes the resource along where it is owned', () => {
    const [from, to] = [guest(0), guest(1)];
    const handle = from.handles.add(new GuestResource(3, 42));
    const type = typeOf({ kind: 'own', resource });
    const out: CoreValue[] = [];
    type.lower(to, type.lift(from, [handle], 0), out);
    assert.equal(to.handles.take(Number(out[0]), GuestResource).representation, 42);
    assert.throws(() => type.lift(from, [handle], 0), GuestTrap);
  });

  it('is what it stands for where it is lent to who defines it', () => {
    const [from, to] = [guest(0), guest(1)];
    const handle = from.handles.add(new GuestResource(3, 42));
    assert.deepEqual(pass(typeOf({ kind: 'borrow', resource }), [handle], from, to).out, [42]);
    assert.ok(to.handles.isEmpty);
    assert.throws(() => from.handles.take(handle, GuestResource), /it is lent/);
  });

  it('is a handle of its own where it is lent to another', () => {
    const [from, to] = [guest(0), guest(2)];
    const door = new Door();
    const handle = from.handles.add(door);
    const host = { kind: 'host', interface: 'test', name: 'door' } as const;
    const type = typeOf({ kind: 'borrow', resource: host });
    const out: CoreValue[] = [];
    type.lower(to, type.lift(from, [handle], 0), out);
    const borrowed = Number(out[0]);
    assert.equal(to.handles.borrow(borrowed, Door), door);
    assert.throws(() => to.handles.take(borrowed, Door), /no Door of its own/);
    assert.throws(() => typeOf({ kind: 'own', resource: host }).lift(to, [borrowed], 0), GuestTrap);
    assert.ok(to.part.loans.areOpen);
    to.handles.drop(borrowed, Door);
    assert.ok(!to.part.loans.areOpen);
    from.part.loans.end();
    from.handles.drop(handle, Door);
  });

  it('is not taken for one of another type', () => {
    const from = guest(0);
    const handle = from.handles.add(new GuestResource(4, 42));
    for (const kind of ['borrow', 'own'] as const) {
      assert.throws(() => typeOf({ kind, resource }).lift(from, [handle], 0), /another type/);
    }
    const other = from.handles.add(new Door());
    assert.throws(() => typeOf({ kind: 'own', resource }).lift(from, [other], 0), GuestTrap);
  });
});
