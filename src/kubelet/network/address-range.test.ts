import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AddressRange, canonicalAddress } from './address-range.ts';

describe('AddressRange', () => {
  const addresses: readonly [string, bigint, string][] = [
    ['10.244.1.0/24', 5n, '10.244.1.5'],
    ['10.244.1.77/24', 0n, '10.244.1.0'],
    ['127.64.0.0/16', 256n, '127.64.1.0'],
    ['fd00:10:244::/64', 1n, 'fd00:10:244::1'],
    ['fd00::/64', 0x1_0000n, 'fd00::1:0'],
  ];
  for (const [cidr, offset, address] of addresses) {
    it(`has ${address} in ${cidr}`, () => {
      const range = new AddressRange(cidr);
      assert.equal(range.at(offset), address);
      assert.ok(range.contains(address));
    });
  }

  it('contains no address outside, nor of the other family', () => {
    const range = new AddressRange('10.244.1.0/24');
    for (const address of ['10.244.2.0', '10.244.0.255', '::1', '::ffff:10.244.1.5']) {
      assert.equal(range.contains(address), false, address);
    }
  });

  for (const cidr of [
    '',
    '10.0.0.0',
    '10.0.0.0/33',
    '10.0.0/8',
    'fd00::/129',
    'x/8',
    '10.0.0.0/-1',
  ]) {
    it(`refuses '${cidr}'`, () => assert.throws(() => new AddressRange(cidr), RangeError));
  }
});

describe('canonicalAddress', () => {
  const forms: readonly [string, string][] = [
    ['10.0.0.1', '10.0.0.1'],
    ['FD00:0:0:0:0:0:0:1', 'fd00::1'],
    ['::', '::'],
    ['1::', '1::'],
    ['0:0:1:0:0:0:1:0', '0:0:1::1:0'],
    ['1:0:2:0:3:0:4:0', '1:0:2:0:3:0:4:0'],
    ['::ffff:10.0.0.1', '::ffff:a00:1'],
  ];
  for (const [given, canonical] of forms) {
    it(`writes ${given} as ${canonical}`, () => assert.equal(canonicalAddress(given), canonical));
  }
});
