import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseMirrors, Registries } from './endpoints.ts';

describe('Registries', () => {
  const insecure = ['reg.example:5000', 'any.example', '10.0.0.0/8', 'fd00::/8'];
  for (const [host, expected] of [
    ['localhost', true],
    ['localhost:5000', true],
    ['127.3.2.1:80', true],
    ['[::1]:5000', true],
    ['reg.example:5000', true],
    ['reg.example', false],
    ['REG.example:5000', true],
    ['any.example', true],
    ['any.example:99', true],
    ['sub.any.example', false],
    ['10.1.1.1:5000', true],
    ['11.1.1.1', false],
    ['[fd00::1]:5000', true],
    ['[2001:db8::1]', false],
    ['docker.io', false],
  ] as const) {
    it(`${host} ${expected ? 'is' : 'is not'} insecure`, () => {
      assert.equal(new Registries({ insecure }).isInsecure(host), expected);
    });
  }

  for (const [registry, host, expected] of [
    ['localhost:5000', '127.0.0.1:5001', true],
    ['[::1]:5000', 'reg.example:5000', true],
    ['reg.example:5000', 'any.example', true],
    ['reg.example:5000', 'localhost', false],
    ['docker.io', '127.0.0.1:5000', false],
    ['docker.io', 'any.example', false],
    ['docker.io', '10.1.1.1', false],
    ['docker.io', 'other.example', false],
  ] as const) {
    it(`${registry} ${expected ? 'may' : 'may not'} lead to ${host} insecurely`, () => {
      assert.equal(new Registries({ insecure }).isInsecure(host, registry), expected);
    });
  }

  it('lets an insecure registry lead to loopback that is listed', () => {
    const registries = new Registries({ insecure: ['reg.example', '127.0.0.1:5001'] });
    assert.equal(registries.isInsecure('127.0.0.1:5001', 'reg.example'), true);
    assert.equal(registries.isInsecure('127.0.0.1:5002', 'reg.example'), false);
    assert.equal(registries.isInsecure('127.0.0.1:5001', 'docker.io'), false);
  });

  it('asks mirrors in order, then the registry', () => {
    const mirrors = parseMirrors([
      'docker.io=127.0.0.1:5000',
      'docker.io = https://mirror.example/hub/',
      'docker.io=http://plain.example:80',
    ]);
    const registries = new Registries({ mirrors });
    assert.deepEqual(registries.endpointsOf('docker.io'), [
      {
        registry: '127.0.0.1:5000',
        baseUrls: ['https://127.0.0.1:5000', 'http://127.0.0.1:5000'],
        isMirror: true,
      },
      { registry: 'mirror.example', baseUrls: ['https://mirror.example/hub'], isMirror: true },
      { registry: 'plain.example:80', baseUrls: ['http://plain.example:80'], isMirror: true },
      { registry: 'docker.io', baseUrls: ['https://registry-1.docker.io'], isMirror: false },
    ]);
    assert.equal(registries.endpointsOf('other.example').length, 1);
  });
});

describe('parseMirrors', () => {
  for (const line of ['docker.io', '=x', 'docker.io=', '']) {
    it(`refuses '${line}'`, () => {
      assert.throws(() => parseMirrors([line]), /write REGISTRY=MIRROR/);
    });
  }
});
