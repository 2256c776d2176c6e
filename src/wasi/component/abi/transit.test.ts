import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { Channel } from '../async/channel.ts';
import { giveReadable } from '../async/channel-codecs.ts';
import { tuple } from '../compose/aggregates.ts';
import { channel } from '../compose/channels.ts';
import { own } from '../compose/handles.ts';
import { primitives } from '../compose/primitives.ts';
import { testWorld } from '../testing/fixtures.ts';
import { Guest } from './guest.ts';
import { GuestTrap } from './guest-trap.ts';
import { Part } from './part.ts';
import { Resource } from './resource.ts';

class Door extends Resource {
  dropped = 0;

  override drop(): void {
    this.dropped += 1;
  }
}

describe('Transit', () => {
  const { char, u8 } = primitives;
  const noCharacter = 0xd800;
  const newGuest = () => new Guest({ part: new Part(0), world: testWorld() });
  const door = own({ kind: 'host', class: Door });

  it('drops a resource whose call is cut while its parameters are passed', () => {
    const [guest, resource] = [newGuest(), new Door()];
    const handle = guest.handles.add(resource);
    const values = [handle, noCharacter];
    assert.throws(() => tuple([door, char]).lift(guest, values, 0), GuestTrap);
    guest.handles.clear();
    for (let call = 0; call < 2; call++) guest.part.transit.reset();
    assert.equal(resource.dropped, 1);
  });

  it('drops a stream in the same case', () => {
    const guest = newGuest();
    let isCancelled = false;
    const cancel = () => {
      isCancelled = true;
    };
    const given = new Channel<unknown>({ produce: () => undefined, cancel });
    const values = [giveReadable(guest, given, 'stream'), noCharacter];
    assert.throws(() => tuple([channel('stream', u8), char]).lift(guest, values, 0), GuestTrap);
    guest.part.transit.reset();
    assert.ok(isCancelled);
  });

  it('drops everything, though one of them throws', () => {
    const { transit } = newGuest().part;
    const resource = new Door();
    transit.add({}, { drop: () => assert.fail('cannot be dropped') });
    transit.add(resource, resource);
    assert.throws(() => transit.reset(), /cannot be dropped/);
    transit.reset();
    assert.equal(resource.dropped, 1);
  });

  it('leaves alone what has arrived', () => {
    const [guest, resource] = [newGuest(), new Door()];
    const passed = door.lift(guest, [guest.handles.add(resource)], 0);
    const out: number[] = [];
    door.lower(guest, passed, out as (number | bigint)[]);
    guest.part.transit.reset();
    assert.equal(resource.dropped, 0);
    assert.equal(guest.handles.borrow(out[0] ?? 0, Door), resource);
  });

  it('is not needed for what a stream has and nobody reads any more', async () => {
    for (const isLate of [false, true]) {
      const resource = new Door();
      const made = Promise.withResolvers<readonly Door[]>();
      const produced = isLate ? made.promise : [resource];
      const stream = new Channel<Door>({ produce: () => produced, cancel: () => undefined });
      stream.read({ remaining: 0, put: () => assert.fail('it takes none') }, () => undefined);
      stream.cancelRead();
      stream.dropReader();
      made.resolve([resource]);
      await setImmediate();
      assert.equal(resource.dropped, 1);
    }
  });
});
