import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PeerRules } from './peer-rules.ts';

const rules = new PeerRules(
  [
    'isolates ingress',
    'isolates egress',
    'nodes 10.77.0.1',
    'ingress TCP:80,TCP:8000-9000 10.244.1.1 10.244.1.2',
    'ingress UDP:* 172.16.0.0/12 !172.16.9.0/24',
    'ingress * fd00::5',
    'egress UDP:53 *',
  ].join('\n'),
  { addresses: ['10.244.0.9'] },
);

describe('PeerRules', () => {
  const cases = [
    ['ingress', 'TCP', '10.244.1.1', 80, true],
    ['ingress', 'TCP', '::ffff:10.244.1.1', 80, true],
    ['ingress', 'TCP', '10.244.1.2', 8500, true],
    ['ingress', 'TCP', '10.244.1.2', 9001, false],
    ['ingress', 'UDP', '10.244.1.1', 80, false],
    ['ingress', 'TCP', '10.244.1.3', 80, false],
    ['ingress', 'UDP', '172.17.0.1', 9999, true],
    ['ingress', 'UDP', '172.16.9.1', 9999, false],
    ['ingress', 'TCP', '172.17.0.1', 9999, false],
    ['ingress', 'TCP', 'fd00::5', 1, true],
    ['ingress', 'TCP', '10.77.0.1', 22, true],
    ['ingress', 'TCP', '10.244.0.9', 22, true],
    ['egress', 'UDP', '8.8.8.8', 53, true],
    ['egress', 'TCP', '8.8.8.8', 53, false],
    ['egress', 'TCP', '10.77.0.1', 443, true],
  ] as const;
  for (const [direction, protocol, address, port, allowed] of cases) {
    it(`${allowed ? 'allows' : 'refuses'} ${direction} ${protocol} ${address} ${port}`, () => {
      assert.equal(rules.allows(direction, { protocol, address, port }), allowed);
    });
  }

  it('lets everything pass in a direction that is not isolated', () => {
    const some = new PeerRules('isolates egress\n', { addresses: [] });
    const anybody = { protocol: 'TCP', address: '192.0.2.1', port: 80 } as const;
    assert.equal(some.allows('ingress', anybody), true);
    assert.equal(some.allows('egress', anybody), false);
    assert.equal(new PeerRules('', { addresses: [] }).allows('egress', anybody), true);
  });

  it('take no IPv4 address for one of an IPv6 range', () => {
    const text = 'isolates egress\negress * 0.0.0.0/0 !10.0.0.0/8\negress * ::/0 !fc00::/7';
    const rules = new PeerRules(text, { addresses: [] });
    const allows = (address: string) =>
      rules.allows('egress', { protocol: 'TCP', address, port: 80 });
    assert.deepEqual(
      ['10.1.2.3', '::ffff:10.1.2.3', '8.8.8.8', '2001:db8::1', 'fd00::1'].map(allows),
      [false, false, true, true, false],
    );
  });
});
