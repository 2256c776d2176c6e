import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { egressOf } from './egress-of.ts';

describe('egressOf', () => {
  const http = [80, 443];
  const cases = [
    ['example.org', { hosts: ['example.org'], ports: http }],
    ['*.example.org', { hosts: ['*.example.org'], ports: http }],
    ['https://example.org', { hosts: ['example.org'], ports: http }],
    ['https://example.org:8443/', { hosts: ['example.org'], ports: [8443] }],
    ['http://example.org:80', { hosts: ['example.org'], ports: [80] }],
    ['10.1.2.3:9000', { cidrs: ['10.1.2.3/32'], ports: [9000] }],
    ['[2001:db8::1]:9000', { cidrs: ['2001:db8::1/128'], ports: [9000] }],
    ['insecure:allow-all', { hosts: ['*'] }],
  ] as const;
  for (const [domain, rule] of cases) {
    it(`reads '${domain}'`, () => assert.deepEqual(egressOf([domain]), [rule]));
  }

  for (const domain of ['', 'a b', 'example.org/path', 'ftp://example.org', 'u:p@example.org']) {
    it(`refuses '${domain}'`, () => assert.throws(() => egressOf([domain]), TypeError));
  }
});
