import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { errno } from '../errno.ts';
import { NativeSystem } from '../native/native-system.ts';
import { PeerPolicy } from './peer-policy.ts';

const somebody = { protocol: 'TCP', address: '192.0.2.1', port: 80 } as const;

describe('PeerPolicy', () => {
  let now = 0n;
  let text: string | number = '';
  let reads = 0;
  const native = new NativeSystem();
  const system = {
    ...native,
    clocks: Object.assign(Object.create(native.clocks), { now: () => now }),
  };
  const files = {
    read: () => {
      reads++;
      return text;
    },
  };
  const policy = new PeerPolicy({ system, files }, { addresses: [] });

  it('goes by the rules as they are, looked at every tenth of a second', () => {
    assert.equal(policy.admits(somebody), true);
    text = 'isolates ingress';
    for (let call = 0; call < 100; call++) policy.admits(somebody);
    assert.equal(reads, 1);
    now += 100_000_000n;
    assert.equal(policy.admits(somebody), false);
    assert.equal(policy.lets(somebody), true);
  });

  it('refuses nobody by rules that are behind', () => {
    assert.equal(policy.admits(somebody), false);
    text = 'isolates ingress\ningress * 192.0.2.1';
    assert.equal(policy.admits(somebody), true);
  });

  it('lets nothing pass where the rules cannot be read', () => {
    text = -errno.mfile;
    now += 100_000_000n;
    assert.equal(policy.lets(somebody), false);
    assert.equal(policy.admits(somebody), false);
  });
});
