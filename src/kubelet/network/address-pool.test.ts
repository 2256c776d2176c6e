import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { AddressPool } from './address-pool.ts';
import { RestingAddresses } from './resting-addresses.ts';

class SetClock {
  milliseconds = 0;

  now(): number {
    return this.milliseconds;
  }

  sleep(): Promise<void> {
    return Promise.reject(new Error('sleep: the clock is set by hand'));
  }
}

const directory = mkdtempSync(path.join(os.tmpdir(), 'krustlet-addresses-'));
after(() => rmSync(directory, { recursive: true }));
let pools = 0;

function pool(cidr: string, clock = new SetClock(), name = `${pools++}`): AddressPool {
  const warn = (message: string) => assert.fail(message);
  const resting = new RestingAddresses({ clock }, { directory: path.join(directory, name), warn });
  return new AddressPool({ resting }, { cidr });
}

describe('AddressPool', () => {
  it('gives every owner one address of its own', () => {
    const addresses = pool('10.0.0.0/28');
    const taken = Array.from({ length: 13 }, (_, owner) => addresses.take(`pod-${owner}`));
    assert.equal(new Set(taken).size, 13);
    assert.ok(!taken.includes('10.0.0.0') && !taken.includes('10.0.0.1'));
    assert.ok(!taken.includes('10.0.0.15'));
    assert.equal(addresses.take('pod-3'), taken[3]);
    assert.throws(() => addresses.take('one-too-many'), /all pod addresses in 10.0.0.0\/28/);
  });

  it('gives back what an owner had before', () => {
    const addresses = pool('10.0.0.0/24');
    assert.equal(addresses.take('a', ['fd00::1', '10.0.0.77']), '10.0.0.77');
    assert.notEqual(addresses.take('b', ['10.0.0.77']), '10.0.0.77');
    assert.notEqual(addresses.take('c', ['192.0.2.1']), '192.0.2.1');
  });

  it('keeps for an owner what it had, until that is released', () => {
    const addresses = pool('10.0.0.0/30');
    addresses.keep('a', ['192.0.2.1', '10.0.0.2']);
    assert.throws(() => addresses.take('b', ['10.0.0.2']));
    assert.equal(addresses.take('a'), '10.0.0.2');
    const others = pool('10.0.0.0/30');
    others.keep('a', ['192.0.2.1']);
    assert.equal(others.take('b'), '10.0.0.2');
    others.keep('c', ['10.0.0.2']);
    others.release('c');
    assert.equal(others.take('b'), '10.0.0.2');
  });

  it('lets an address rest for a minute', () => {
    const clock = new SetClock();
    const addresses = pool('10.0.0.0/30', clock);
    const address = addresses.take('a');
    addresses.release('a');
    clock.milliseconds = 59_999;
    assert.throws(() => addresses.take('b'));
    clock.milliseconds = 60_000;
    assert.equal(addresses.take('b'), address);
  });

  it('lets it rest across a restart, and no longer where the clock was set back', () => {
    const clock = new SetClock();
    clock.milliseconds = 1_000_000;
    const address = pool('10.0.0.0/30', clock, 'lives').take('a');
    const second = pool('10.0.0.0/30', clock, 'lives');
    second.keep('a', [address]);
    second.release('a');
    clock.milliseconds += 59_999;
    const third = pool('10.0.0.0/30', clock, 'lives');
    assert.throws(() => third.take('b'));
    clock.milliseconds += 1;
    assert.equal(third.take('b'), address);
    third.release('b');
    clock.milliseconds = 0;
    const fourth = pool('10.0.0.0/30', clock, 'lives');
    assert.throws(() => fourth.take('c'));
    clock.milliseconds = 60_000;
    assert.equal(fourth.take('c'), address);
    assert.deepEqual(readdirSync(path.join(directory, 'lives')), []);
  });

  it('gives an address that rests back to who had it', () => {
    const clock = new SetClock();
    const addresses = pool('10.0.0.0/30', clock);
    const address = addresses.take('a');
    addresses.release('a');
    assert.equal(addresses.take('a', [address]), address);
    assert.throws(() => addresses.take('b'));
    addresses.release('a');
    clock.milliseconds = 60_000;
    assert.equal(addresses.take('b'), address);
  });

  it('knows IPv6', () => {
    assert.match(pool('fd00:10:244::/64').take('a'), /^fd00:10:244:0?:/);
  });
});
