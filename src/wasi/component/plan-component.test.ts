import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MalformedBinary } from './binary/malformed-binary.ts';
import { UnsupportedComponent } from './link/unsupported-component.ts';
import { planComponent } from './plan-component.ts';
import { componentFixture } from './testing/fixtures.ts';

const preamble = [0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00];

function component(...sections: readonly (readonly [id: number, ...contents: number[]])[]): Buffer {
  return Buffer.from([
    ...preamble,
    ...sections.flatMap(([id, ...contents]) => [id, ...leb(contents.length), ...contents]),
  ]);
}

function leb(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(value >>> 7)];
}

/** (module (func (export "x") (param i32))) */
const validModule = Buffer.from(
  '0061736d0100000001050160017f0003020100070501017800000a040102000b',
  'hex',
);
/** (module (import "x" "x" (func (param i32)))) */
const importingModule = Buffer.from('0061736d0100000001050160017f00020701017801780000', 'hex');

describe('planComponent', () => {
  const x = [1, 0x78];
  const impossible = {
    'an instance that is an export of itself': component([6, 1, 5, 0, 0, ...x]),
    'a function of an instance to come': component([6, 1, 1, 0, 0, ...x]),
    'core instances made of each other': component([2, 1, 1, 1, ...x, 0x12, 0]),
    'a function lifted from one to come': component([8, 1, 0, 0, 0, 0, 0]),
    'a resource that destroys itself by being made': component(
      [7, 1, 0x3f, 0x7f, 1, 0],
      [8, 1, 2, 0],
    ),
  };
  for (const [what, bytes] of Object.entries(impossible)) {
    it(`refuses ${what}`, () => {
      assert.throws(() => planComponent(bytes), MalformedBinary);
    });
  }

  it('refuses more instances than anybody has', () => {
    const count = 200_000;
    const bytes = component([5, ...leb(count), ...Array<number[]>(count).fill([1, 0]).flat()]);
    assert.throws(() => planComponent(bytes), /more than 1000 instances/);
  });

  it('refuses components that double with every one inside', () => {
    const empty = [...preamble];
    const doubling = Array.from({ length: 30 }, (_, index) => [
      ...component([6, 1, 4, 2, 1, index], [5, 2, 0, 0, 0, 0, 0, 0]),
    ]);
    const inside = [empty, ...doubling].map((bytes) => [4, ...bytes] as const);
    const bytes = component(...inside, [5, 1, 0, 30, 0]);
    assert.throws(() => planComponent(bytes), /more than 1000 instances/);
  });

  it('refuses types that double with every one inside, where they are passed', () => {
    const types = [
      [0x7d],
      ...Array.from({ length: 40 }, (_, index) => [0x6f, 2, index, index]),
      [0x40, 1, ...x, 40, 1, 0],
    ];
    const typeSection = [7, ...leb(types.length), ...types.flat()] as const;
    // A module with a function (param i32), lifted by one component and lowered by another.
    const lifting = component(
      [1, ...validModule],
      [2, 1, 0, 0, 0],
      [6, 1, 0, 0, 1, 0, ...x],
      typeSection,
      [8, 1, 0, 0, 0, 0, 41],
      [11, 1, 0, ...x, 1, 0, 0],
    );
    const lowering = component(
      typeSection,
      [10, 1, 0, ...x, 1, 41],
      [8, 1, 1, 0, 0, 0],
      [2, 1, 1, 1, ...x, 0, 0],
      [1, ...importingModule],
      [2, 1, 0, 0, 1, ...x, 0x12, 0],
    );
    const bytes = component(
      [4, ...lifting],
      [4, ...lowering],
      [5, 1, 0, 0, 0],
      [6, 1, 1, 0, 0, ...x],
      [5, 1, 0, 1, 1, ...x, 1, 0],
    );
    assert.throws(() => planComponent(bytes), /values of \d+ bytes|types nested deeper/);
  });

  it('refuses an allocator in a memory with 64-bit addresses, and what a module does not export', () => {
    // (module (memory (export "x") i64 1))
    const wide = Buffer.from('0061736d01000000050301040107050101780200', 'hex');
    const lifting = (name: string) =>
      component(
        [1, ...wide],
        [1, ...validModule],
        [2, 2, 0, 0, 0, 0, 1, 0],
        [6, 2, 0, 2, 1, 0, ...x, 0, 0, 1, 1, 1, name.charCodeAt(0)],
        [7, 1, 0x40, 0, 1, 0],
        [8, 1, 0, 0, 0, 1, 3, 0, 0],
        [11, 1, 0, ...x, 1, 0, 0],
      );
    assert.throws(() => planComponent(lifting('x')), /64-bit addresses/);
    assert.throws(() => planComponent(lifting('y')), /core export 'y' is not defined/);
  });

  for (const name of [
    'http-hello',
    'own-resource',
    'http-service',
    'composed-command',
    'http-composed',
  ] as const) {
    it(`says clearly what is wrong with ${name}, changed in its structure`, () => {
      const original = componentFixture(name);
      const places = structureOf(original);
      const random = generator(name.length);
      for (let round = 0; round < 400; round++) {
        const bytes = Buffer.from(original);
        for (let change = random(4); change >= 0; change--) {
          bytes[places[random(places.length)] ?? 0] = random(256);
        }
        try {
          planComponent(bytes);
        } catch (cause) {
          const isClear = cause instanceof MalformedBinary || cause instanceof UnsupportedComponent;
          assert.ok(isClear, `${cause}`);
        }
      }
    });
  }
});

/** Where the bytes are that are neither code nor custom sections. */
function structureOf(bytes: Uint8Array): number[] {
  const places: number[] = [];
  for (let at = preamble.length; at < bytes.length; ) {
    const id = bytes[at++] ?? 0;
    let [size, shift, byte] = [0, 0, 0x80];
    while (byte >= 0x80) {
      byte = bytes[at++] ?? 0;
      size += (byte & 0x7f) * 2 ** shift;
      shift += 7;
    }
    if (id > 1) for (let place = at; place < at + size; place++) places.push(place);
    at += size;
  }
  return places;
}

/** Numbers below a bound, the same in every run. */
function generator(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
}
