import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AddressPool } from './address-pool.ts';

class SetClock {
  milliseconds = 0;

  now(): number {
    return this.milliseconds;
  }

  sleep(): Promise<void> {
    return Promise.reject(new Error('sleep: the clock is set by hand'));
  }
}

function pool(cidr: string, clock = new SetClock()): AddressPool {
  return new AddressPool({ clock }, { cidr });
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

  it('knows IPv6', () => {
    assert.match(pool('fd00:10:244::/64').take('a'), /^fd00:10:244:0?:/);
  });
});
