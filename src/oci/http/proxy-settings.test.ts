import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { proxyFor } from './proxy-settings.ts';

const proxies = { httpProxy: 'http://proxy:1', httpsProxy: 'proxy:2' };

const direct: readonly (readonly [url: string, noProxy: string, isDirect: boolean])[] = [
  ['https://registry.example', '', false],
  ['https://registry.example', '*', true],
  ['https://registry.example', 'registry.example', true],
  ['https://a.registry.example', 'registry.example', true],
  ['https://a.registry.example', '.registry.example', true],
  ['https://registry.example', '.registry.example', false],
  ['https://a.registry.example', '*.registry.example', true],
  ['https://notregistry.example', 'registry.example', false],
  ['https://registry.example', 'other.example, registry.example', true],
  ['https://REGISTRY.example', 'Registry.EXAMPLE', true],
  ['https://registry.example', 'registry.example:443', true],
  ['https://registry.example:5000', 'registry.example:443', false],
  ['https://10.1.2.3', '10.0.0.0/8', true],
  ['https://11.1.2.3', '10.0.0.0/8', false],
  ['https://10.1.2.3', '10.1.2.3', true],
  ['https://10.1.2.3:5000', '10.1.2.3:5000', true],
  ['https://[2001:db8::1]', '2001:db8::/32', true],
  ['https://[2001:db8::1]:5000', '[2001:db8::1]:5000', true],
  ['https://[2001:db8::1]', '10.0.0.0/8', false],
  ['https://10.1.2.3', '10.0.0.0/99', false],
  ['https://localhost:5000', '', true],
  ['https://127.1.2.3', '', true],
  ['http://[::1]:5000', '', true],
];

describe('proxyFor', () => {
  for (const [url, noProxy, isDirect] of direct) {
    it(`${url} with NO_PROXY '${noProxy}' ${isDirect ? 'is direct' : 'goes through the proxy'}`, () => {
      const proxy = proxyFor(new URL(url), { ...proxies, noProxy });
      assert.equal(proxy, isDirect ? undefined : 'http://proxy:2');
    });
  }

  it('has one proxy for each scheme', () => {
    assert.equal(proxyFor(new URL('http://registry.example'), proxies), 'http://proxy:1');
    assert.equal(proxyFor(new URL('http://registry.example'), { httpsProxy: 'p' }), undefined);
  });
});
