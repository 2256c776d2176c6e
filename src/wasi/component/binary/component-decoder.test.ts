import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { componentFixture } from '../testing/fixtures.ts';
import { decodeComponent } from './component-decoder.ts';
import { MalformedBinary } from './malformed-binary.ts';
import { layerOf } from './preamble.ts';

const names = ['command', 'http-hello', 'http-routes'] as const;

describe('decodeComponent', () => {
  it('finds what a command imports and exports', () => {
    const component = decodeComponent(componentFixture('command'));
    const interfaces = component.imports.map(({ name }) => name.replace(/@.*/, ''));
    assert.ok(interfaces.includes('wasi:filesystem/types'));
    assert.deepEqual(
      component.exports.map(({ name, sort }) => [name.replace(/@.*/, ''), sort]),
      [['wasi:cli/run', 'instance']],
    );
  });

  for (const name of names) {
    it(`refuses ${name} cut short, but at the end of a section`, () => {
      const bytes = componentFixture(name);
      let whole = 0;
      for (let length = 8; length < bytes.length; length += 97) {
        try {
          assert.deepEqual(decodeComponent(bytes.subarray(0, length)).exports, []);
          whole++;
        } catch (cause) {
          assert.ok(cause instanceof MalformedBinary, String(cause));
        }
      }
      assert.ok(whole < 20);
    });

    it(`survives ${name} with bytes changed`, () => {
      const original = componentFixture(name);
      const random = generator(name.length);
      for (let round = 0; round < 300; round++) {
        const bytes = Buffer.from(original);
        for (let change = 0; change < 4; change++) bytes[random(bytes.length)] = random(256);
        try {
          decodeComponent(bytes);
        } catch (cause) {
          assert.ok(cause instanceof MalformedBinary, String(cause));
        }
      }
    });
  }

  it('refuses a list that claims more items than it has bytes', () => {
    // A component with an import section that says it holds 2³² − 1 imports.
    const bytes = Buffer.from('0061736d0d0001000a05ffffffff0f', 'hex');
    assert.throws(() => decodeComponent(bytes), /a list of 4294967295 items/);
  });

  it('refuses types nested without end', () => {
    const depth = 5000;
    const body = Buffer.concat([
      Buffer.from([1]),
      ...Array.from({ length: depth }, () => Buffer.from([0x41, 1, 1])),
    ]);
    const size = Buffer.from([
      (body.length & 0x7f) | 0x80,
      (body.length >> 7) | 0x80,
      body.length >> 14,
    ]);
    const bytes = Buffer.concat([Buffer.from('0061736d0d00010007', 'hex'), size, body]);
    assert.throws(() => decodeComponent(bytes), /nested deeper/);
  });
});

describe('layerOf', () => {
  const cases = [
    ['0061736d01000000', 'core-module'],
    ['0061736d0d000100', 'component'],
    ['0061736d0d000000', undefined],
    ['0061736d', undefined],
    ['7f454c4601010100', undefined],
  ] as const;
  for (const [hex, layer] of cases) {
    it(`takes ${hex} for ${layer ?? 'no WebAssembly'}`, () => {
      assert.equal(layerOf(Buffer.from(hex, 'hex')), layer);
    });
  }
});

/** Numbers below a bound, the same in every run. */
function generator(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state % bound;
  };
}
