import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { pathSegments } from '../http/router.ts';
import { requestAttributes } from './request-attributes.ts';

describe('requestAttributes', () => {
  const table: readonly [string, string, string, readonly string[]][] = [
    ['GET', '/pods', 'get', ['pods', 'proxy']],
    ['GET', '/runningpods/', 'get', ['pods', 'proxy']],
    ['GET', '/healthz', 'get', ['healthz', 'proxy']],
    ['GET', '/healthz/ping', 'get', ['healthz', 'proxy']],
    ['GET', '/configz', 'get', ['configz', 'proxy']],
    ['GET', '/stats/summary', 'get', ['stats']],
    ['GET', '/metrics', 'get', ['metrics']],
    ['GET', '/metrics/resource', 'get', ['metrics']],
    ['GET', '/logs/', 'get', ['log']],
    ['GET', '/containerLogs/ns/pod/c', 'get', ['proxy']],
    ['HEAD', '/containerLogs/ns/pod/c', 'get', ['proxy']],
    ['POST', '/exec/ns/pod/c', 'create', ['proxy']],
    ['GET', '/exec/ns/pod/c', 'create', ['proxy']],
    ['GET', '/%65xec/ns/pod/c', 'create', ['proxy']],
    ['GET', '//exec/ns/pod/c', 'create', ['proxy']],
    ['GET', '/attach/ns/pod/c', 'create', ['proxy']],
    ['GET', '/portForward/ns/pod', 'create', ['proxy']],
    ['POST', '/run/ns/pod/c', 'create', ['proxy']],
    ['PUT', '/anything', 'update', ['proxy']],
    ['DELETE', '/anything', 'delete', ['proxy']],
    ['BREW', '/anything', 'brew', ['proxy']],
    ['GET', '/podsX', 'get', ['proxy']],
    ['GET', '/', 'get', ['proxy']],
  ];
  for (const [method, path, verb, subresources] of table) {
    it(`asks for ${verb} of ${subresources} on ${method} ${path}`, () => {
      const attributes = requestAttributes(method, pathSegments(path));
      assert.deepEqual(attributes, { verb, subresources });
    });
  }
});
