import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { ComponentMemory } from '../abi/component-memory.ts';
import { Guest } from '../abi/guest.ts';
import { string } from '../abi/lists.ts';
import { Part } from '../abi/part.ts';
import { testWorld } from '../testing/fixtures.ts';
import { giveReadable } from './channel-codecs.ts';
import { ChannelEnd } from './channel-end.ts';
import { GuestTarget } from './guest-buffers.ts';
import { futureOf } from './host-channel.ts';

describe('GuestTarget', () => {
  const trap = new Error('unreachable');

  function newGuest() {
    const guest = new Guest({ part: new Part(0), world: testWorld() });
    guest.bind(new ComponentMemory(new WebAssembly.Memory({ initial: 1 })), () => {
      throw trap;
    });
    return guest;
  }

  /** Has a guest whose allocator traps read a text. */
  function read(guest: Guest, value: string | Promise<string>) {
    const channel = futureOf(value);
    channel.codec = string;
    const handle = giveReadable(guest, channel, 'future');
    const end = guest.handles.borrow(handle, ChannelEnd);
    end.read(new GuestTarget(channel, { guest, pointer: 1024, length: 1 }));
  }

  it('ends the call of a guest that has no room for what is there', () => {
    const guest = newGuest();
    assert.throws(() => read(guest, 'text'), { cause: trap });
  });

  it('ends the call of a guest that has no room for what comes later, and no other', async () => {
    const [guest, other] = [newGuest(), newGuest()];
    read(guest, Promise.resolve('text'));
    await setImmediate();
    assert.throws(() => guest.cancellation.throwIfCancelled(), { cause: trap });
    other.cancellation.throwIfCancelled();
  });
});
