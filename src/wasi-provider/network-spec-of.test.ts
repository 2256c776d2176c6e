import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ContainerConfig } from '../kubelet/provider.ts';
import { egressRules, networkSpecOf } from './network-spec-of.ts';
import { podAnnotations } from './pod-annotations.ts';

describe('networkSpecOf', () => {
  const network = { dns: { nameservers: [], searches: [], options: [] }, hosts: [], guarded: [] };
  const requests = [{ hosts: ['example.org'] }];
  for (const [annotations, egress] of [
    [{}, undefined],
    [{ [podAnnotations.allowedDomains]: '["example.org"]' }, requests],
    [{ [podAnnotations.egress]: 'example.org' }, requests],
    [{ [podAnnotations.httpThreads]: '1' }, undefined],
  ] as const) {
    it(`has sockets go where requests do, if something says where: ${JSON.stringify(annotations)}`, () => {
      const config = { annotations, network, podIPs: [] } as unknown as ContainerConfig; // all that it looks at
      assert.deepEqual(networkSpecOf(config, requests)?.egress, egress);
    });
  }

  it('has sockets go nowhere where requests are told to', () => {
    const annotations = { [podAnnotations.allowedDomains]: '[]' };
    const config = { annotations, network, podIPs: [] } as unknown as ContainerConfig; // all that it looks at
    assert.deepEqual(networkSpecOf(config, [])?.egress, []);
  });
});

describe('egressRules', () => {
  for (const [text, rules] of [
    ['', []],
    ['10.0.0.0/8', [{ cidrs: ['10.0.0.0/8'] }]],
    ['192.0.2.1:80,443', [{ cidrs: ['192.0.2.1'], ports: [80, 443] }]],
    ['[2001:db8::]/32:53', [{ cidrs: ['2001:db8::/32'], ports: [53] }]],
    ['*.example.org:443 *', [{ hosts: ['*.example.org'], ports: [443] }, { hosts: ['*'] }]],
  ] as const) {
    it(`reads '${text}'`, () => {
      assert.deepEqual(egressRules({ [podAnnotations.egress]: text }), rules);
    });
  }

  for (const text of [
    '10.0.0.0/33',
    'a:b',
    'a:0',
    'a:70000',
    '[::1',
    'https://example.org',
    'a,b',
    'a:',
  ]) {
    it(`refuses '${text}'`, () => {
      assert.throws(() => egressRules({ [podAnnotations.egress]: text }), /is no rule/);
    });
  }

  it('has nothing to say without the annotation', () => {
    assert.equal(egressRules({}), undefined);
  });
});
