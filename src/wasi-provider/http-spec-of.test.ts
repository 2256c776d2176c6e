import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ContainerConfig } from '../kubelet/provider.ts';
import { httpSpecOf } from './http-spec-of.ts';

const prefix = 'alpha.wasi.krustlet.dev/';

function specOf(
  annotations: Readonly<Record<string, string>> = {},
  over: Partial<Pick<ContainerConfig, 'env' | 'ports' | 'podIPs'>> = {},
) {
  const named = Object.entries(annotations).map(([name, value]) => [prefix + name, value]);
  const config = {
    annotations: Object.fromEntries(named),
    env: [],
    ports: [],
    podIPs: [],
    ...over,
  };
  return httpSpecOf(config as unknown as ContainerConfig); // all that it looks at
}

describe('httpSpecOf', () => {
  const port = { name: '', containerPort: 9090, protocol: 'TCP' } as const;

  it("listens on the pod's address and first TCP port, else on 8080", () => {
    assert.deepEqual(specOf().listen, { address: '0.0.0.0', port: 8080 });
    const over = { ports: [{ ...port, protocol: 'UDP' as const, containerPort: 53 }, port] };
    assert.deepEqual(specOf({}, { ...over, podIPs: ['127.64.0.2'] }).listen, {
      address: '127.64.0.2',
      port: 9090,
    });
    const env = [{ name: 'KRUSTLET_HTTP_PORT', value: '8181' }];
    assert.equal(specOf({}, { ...over, env }).listen.port, 8181);
  });

  it('sends nowhere unless told', () => {
    assert.deepEqual(specOf().egress, []);
    const egress = [{ hosts: ['example.org'], ports: [80, 443] }];
    const spec = specOf({
      'allowed-domains': '["https://example.org"]',
      'max-concurrent-requests': '3',
    });
    assert.deepEqual([spec.egress, spec.maximumOutgoing], [egress, 3]);
  });

  it('reads how requests are served', () => {
    const { serving } = specOf({
      'http-max-concurrency': '4',
      'http-request-timeout': '5',
      'http-max-body-size': '1024',
      'http-threads': '3',
      'http-access-log': 'true',
      'http-share-state': 'true',
    });
    const limits = { maximumConcurrency: 4, requestTimeout: 5000, maximumBodySize: 1024 };
    assert.deepEqual(serving, { ...limits, threads: 3, accessLog: true, shareState: true });
  });

  it('has a module answer as CGI programs do where the pod says so', () => {
    const annotated = (value: string) => {
      const config = {
        annotations: { 'krustlet.dev/wagi': value },
        env: [],
        ports: [],
        podIPs: [],
      };
      return httpSpecOf(config as unknown as ContainerConfig); // all that it looks at
    };
    assert.equal(annotated('true').cgi, true);
    assert.equal(annotated('false').cgi, undefined);
    assert.throws(() => annotated('yes'), { code: 'CreateContainerConfigError' });
  });

  for (const [name, text] of [
    ['allowed-domains', 'example.org'],
    ['allowed-domains', '[1]'],
    ['allowed-domains', '["a/b"]'],
    ['max-concurrent-requests', '0'],
    ['http-request-timeout', '1s'],
    ['http-access-log', 'yes'],
  ] as const) {
    it(`refuses ${name} ${text}`, () => {
      assert.throws(() => specOf({ [name]: text }), { code: 'CreateContainerConfigError' });
    });
  }
});
