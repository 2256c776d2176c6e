import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Guest } from '../abi/guest.ts';
import { GuestTrap } from '../abi/guest-trap.ts';
import { Part } from '../abi/part.ts';
import { HostFault } from '../abi/uncatchable.ts';
import { error } from '../abi/variants.ts';
import { StandardOutput } from '../cli/standard-output.ts';
import { testWorld } from '../testing/fixtures.ts';
import { writeBytes } from './byte-streams.ts';
import { Channel } from './channel.ts';

class Output extends StandardOutput {
  isDropped = false;

  override drop(): void {
    this.isDropped = true;
  }
}

function make() {
  const world = testWorld();
  return {
    guest: new Guest({ part: new Part(0), world }),
    output: new Output(world.stdout),
    world,
  };
}

describe('writeBytes', () => {
  it('ends the call of a guest whose items turn out to be none', async () => {
    const { guest, output } = make();
    const bytes = new Channel<number>();
    const trap = new GuestTrap('Cannot access 100 bytes at 4294967280: out of bounds');
    const take = () => {
      throw trap;
    };
    const ends: string[] = [];
    bytes.write({ remaining: 100, take }, (end) => ends.push(end));
    assert.deepEqual(await writeBytes(guest, bytes, output, () => 'io'), error('io'));
    assert.throws(() => guest.cancellation.throwIfCancelled(), trap);
    assert.deepEqual([output.isDropped, ends], [true, ['dropped']]);
  });

  it('ends the call, not the process, where items are no bytes', async () => {
    const { guest, output } = make();
    const numbers = new Channel<bigint>();
    numbers.write({ remaining: 1, take: () => [1n] }, () => undefined);
    const bytes = numbers as Channel<unknown> as Channel<number>;
    assert.deepEqual(await writeBytes(guest, bytes, output, () => 'io'), error('io'));
    assert.throws(() => guest.cancellation.throwIfCancelled(), HostFault);
    assert.ok(output.isDropped);
  });
});
