import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { EgressPolicy, type EgressRule } from './egress-policy.ts';

describe('EgressPolicy', () => {
  const cases: readonly (readonly [
    rules: readonly EgressRule[],
    host: string,
    address: string,
    port: number,
    allowed: boolean,
  ])[] = [
    [[], 'a.example', '192.0.2.1', 80, false],
    [[{ hosts: ['a.example'] }], 'A.example', '192.0.2.1', 80, true],
    [[{ hosts: ['a.example'] }], 'b.a.example', '192.0.2.1', 80, false],
    [[{ hosts: ['*.a.example'] }], 'b.a.example', '192.0.2.1', 80, true],
    [[{ hosts: ['*.a.example'] }], 'ba.example', '192.0.2.1', 80, false],
    [[{ hosts: ['*'] }], 'any.example', '192.0.2.1', 80, true],
    [[{ hosts: ['*'] }], 'any.example', '127.0.0.1', 80, false],
    [[{ hosts: ['*'] }], 'any.example', '169.254.169.254', 80, false],
    [[{ hosts: ['*'] }], 'any.example', '::ffff:169.254.169.254', 80, false],
    [[{ hosts: ['*'] }], 'any.example', '::1', 80, false],
    [[{ hosts: ['*'] }], '192.0.2.1', '192.0.2.1', 80, false],
    [[{ cidrs: ['192.0.2.0/24'] }], '192.0.2.1', '192.0.2.1', 80, true],
    [[{ cidrs: ['192.0.2.0/24'] }], 'a.example', '192.0.2.1', 80, true],
    [[{ cidrs: ['192.0.2.0/24'] }], 'a.example', '198.51.100.1', 80, false],
    [[{ cidrs: ['2001:db8::/32'] }], '2001:db8::1', '2001:db8::1', 443, true],
    [[{ cidrs: ['::/0'] }], '192.0.2.1', '192.0.2.1', 443, false],
    [[{ cidrs: ['::/0'] }], '2001:db8::1', '2001:db8::1', 443, true],
    [[{ cidrs: ['::ffff:192.0.2.0/120'] }], '192.0.2.1', '192.0.2.1', 443, true],
    [[{ hosts: ['a.example'], ports: [443] }], 'a.example', '192.0.2.1', 80, false],
    [[{ hosts: ['a.example'], ports: [443] }], 'a.example', '192.0.2.1', 443, true],
  ];
  for (const [rules, host, address, port, allowed] of cases) {
    it(`${allowed ? 'allows' : 'refuses'} ${host} at ${address}:${port} by ${JSON.stringify(rules)}`, () => {
      const policy = new EgressPolicy(rules);
      const connects = policy.allowsHost(host, port) && policy.allowsAddress(host, address, port);
      assert.equal(connects, allowed);
    });
  }
});

describe('EgressPolicy with guarded addresses', () => {
  const guarded = [{ cidrs: ['192.0.2.1/32'], ports: [6443] }];
  const everywhere = { cidrs: ['0.0.0.0/0', '::/0'] };
  for (const [rule, address, port, allowed] of [
    [everywhere, '192.0.2.1', 443, true],
    [everywhere, '192.0.2.1', 6443, false],
    [{ cidrs: ['192.0.2.1/32'] }, '192.0.2.1', 6443, true],
    [everywhere, '169.254.169.254', 80, false],
    [{ cidrs: ['169.254.169.254'] }, '169.254.169.254', 80, true],
    [everywhere, '::ffff:169.254.169.254', 80, false],
    [everywhere, '::ffff:a9fe:a9fe', 80, false],
    [{ cidrs: ['::/16'] }, '::ffff:7f00:1', 80, false],
    [{ cidrs: ['::ffff:0:0/96'] }, '::ffff:7f00:1', 80, false],
    [everywhere, '64:ff9b::a9fe:a9fe', 80, false],
    [{ cidrs: ['64:ff9b::/96'] }, '64:ff9b::a9fe:a9fe', 80, false],
    [{ cidrs: ['64:ff9b::a9fe:a9fe'] }, '64:ff9b::a9fe:a9fe', 80, true],
    [everywhere, '64:ff9b:1::a9fe:a9fe', 80, false],
    [everywhere, '64:ff9b:1:2::a9fe:a9fe', 80, false],
    [everywhere, '64:ff9b:1:2:3:4:a9fe:a9fe', 80, false],
    [everywhere, '64:ff9b:1::c000:201', 443, true],
    [everywhere, '64:ff9b:2::a9fe:a9fe', 80, true],
    [everywhere, '64:ff9b::7f00:1', 80, false],
    [everywhere, '64:ff9b::1', 80, false],
    [everywhere, '64:ff9b::c000:201', 443, true],
    [everywhere, '64:ff9b::c000:201', 6443, false],
    [everywhere, 'fe80::1', 80, false],
    [everywhere, '2001:db8::1', 80, true],
  ] as const) {
    it(`${allowed ? 'allows' : 'refuses'} ${address}:${port} by ${JSON.stringify(rule)}`, () => {
      assert.equal(
        new EgressPolicy([rule], { guarded }).allowsAddress(address, address, port),
        allowed,
      );
    });
  }

  it('keeps a pod from a guarded port of its own address, and from no other', () => {
    const policy = new EgressPolicy([], { guarded });
    assert.deepEqual(
      [policy.allowsOwn('192.0.2.1', 6443), policy.allowsOwn('192.0.2.1', 80)],
      [false, true],
    );
  });
});
