import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Codec } from '../abi/codec.ts';
import { Guest } from '../abi/guest.ts';
import { own } from '../abi/handles.ts';
import { bytes, list, string } from '../abi/lists.ts';
import { u8, u32, u64 } from '../abi/numbers.ts';
import { Part } from '../abi/part.ts';
import { record, tuple } from '../abi/records.ts';
import { Resource } from '../abi/resource.ts';
import { enumeration, option, result, unit, variant } from '../abi/variants.ts';
import { channel } from '../compose/channels.ts';
import { valueTypes } from '../compose/value-types.ts';
import type { PlannedType } from '../link/link-plan.ts';
import { testWorld } from '../testing/fixtures.ts';
import { Channel } from './channel.ts';
import { giveReadable, stream } from './channel-codecs.ts';

class Door extends Resource {}
class Window extends Resource {}

const primitive = (type: 'u8' | 's32' | 'u32' | 'f32' | 'u64' | 'bool' | 'char' | 'string') =>
  ({ kind: 'primitive', type }) as const;
const resource = (name: string): PlannedType => ({
  kind: 'own',
  resource: { kind: 'host', interface: 'test', name },
});

/** Types as a component has them, each made of those before it. */
const planned = {
  u8: primitive('u8'),
  s32: primitive('s32'),
  u32: primitive('u32'),
  f32: primitive('f32'),
  u64: primitive('u64'),
  bool: primitive('bool'),
  char: primitive('char'),
  string: primitive('string'),
  bytes: { kind: 'list', item: 0 },
  texts: { kind: 'list', item: 7 },
  pair: { kind: 'tuple', items: [2, 2] },
  option: { kind: 'variant', cases: [null, 7] },
  enumeration: { kind: 'variant', cases: [null, null] },
  door: resource('door'),
  window: resource('window'),
} satisfies Record<string, PlannedType>;
const names = Object.keys(planned);
const types = valueTypes(Object.values(planned), (_interface, name) =>
  name === 'door' ? Door : Window,
);

/** What the host has for each of these. */
const codecs: Readonly<Record<string, Codec<unknown>>> = {
  u8,
  u32,
  u64,
  string,
  bytes,
  texts: list(string),
  pair: tuple(u32, u32),
  record: record({ one: u32, other: u32 }),
  option: option(string),
  variant: variant({ none: undefined, some: string }),
  enumeration: enumeration(['yes', 'no']),
  result: result(unit, unit),
  door: own(() => Door),
  window: own(() => Window),
} as Readonly<Record<string, Codec<unknown>>>;
/** Those that are the same but for what they are called. */
const same: Readonly<Record<string, string>> = {
  s32: 'u32',
  f32: 'u32',
  record: 'pair',
  variant: 'option',
  result: 'enumeration',
};
const isSame = (one: string, other: string) => (same[one] ?? one) === (same[other] ?? other);

function give(made: Channel<unknown>) {
  const guest = new Guest({ part: new Part(0), world: testWorld() });
  return { guest, handle: giveReadable(guest, made, 'stream') };
}

function take(name: string, handle: number, guest: Guest): Channel<unknown> {
  return channel('stream', types[names.indexOf(name)]).lift(guest, [handle], 0) as Channel<unknown>;
}

describe('streams', () => {
  for (const [given, codec] of Object.entries(codecs)) {
    it(`of the host, of ${given}, are passed on as what they are`, () => {
      for (const name of names) {
        const made = new Channel<unknown>({ produce: () => undefined, cancel: () => undefined });
        made.codec = codec;
        const { guest, handle } = give(made);
        if (isSame(given, name)) assert.equal(take(name, handle, guest), made);
        else assert.throws(() => take(name, handle, guest), /of other items/, name);
      }
    });

    it(`of a component are given to the host as ${given} where they are`, () => {
      for (const name of names) {
        const made = new Channel<unknown>();
        made.passing = types[names.indexOf(name)];
        const { guest, handle } = give(made);
        const taken = () => stream(codec).lift(guest, [handle], 0);
        if (isSame(given, name)) assert.equal(taken(), made);
        else assert.throws(taken, /of other items/, name);
      }
    });
  }

  it('of numbers are passed on as numbers of that size', () => {
    for (const name of names) {
      const made = new Channel<unknown>();
      made.codec = u32 as Codec<unknown>;
      const { guest, handle } = give(made);
      if (isSame(name, 'u32')) assert.equal(take(name, handle, guest), made);
      else assert.throws(() => take(name, handle, guest), /of other items/, name);
    }
  });

  it('are passed on as what they were passed as before', () => {
    const made = new Channel<unknown>();
    const { guest, handle } = give(made);
    const taken = take('string', handle, guest);
    const again = giveReadable(guest, taken, 'stream');
    assert.throws(() => take('bytes', again, guest), /of other items/);
    assert.equal(take('string', again, guest), made);
  });
});
