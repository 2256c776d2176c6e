import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type CgiRequest, requestVariables } from './request-variables.ts';

const request: CgiRequest = {
  method: 'GET',
  target: '/shop/caf%C3%A9?size=2&q=a%20b',
  protocol: 'HTTP/1.1',
  headers: { host: 'shop.example:8080', accept: 'text/html' },
  contentLength: undefined,
  remoteAddress: '10.244.0.2',
  localPort: 8080,
};

describe('requestVariables', () => {
  it('has those of RFC 3875 and of WAGI', () => {
    assert.deepEqual(Object.fromEntries(requestVariables(request)), {
      GATEWAY_INTERFACE: 'CGI/1.1',
      HTTP_ACCEPT: 'text/html',
      HTTP_HOST: 'shop.example:8080',
      PATH_INFO: '/shop/café',
      QUERY_STRING: 'size=2&q=a%20b',
      REMOTE_ADDR: '10.244.0.2',
      REMOTE_HOST: '10.244.0.2',
      REQUEST_METHOD: 'GET',
      SCRIPT_NAME: '',
      SERVER_NAME: 'shop.example',
      SERVER_PORT: '8080',
      SERVER_PROTOCOL: 'HTTP/1.1',
      SERVER_SOFTWARE: 'krustlet',
      X_FULL_URL: 'http://shop.example:8080/shop/caf%C3%A9?size=2&q=a%20b',
      X_MATCHED_ROUTE: '/...',
      X_RAW_PATH_INFO: '/shop/caf%C3%A9',
    });
  });

  it('tells of a body', () => {
    const headers = { 'content-type': 'text/plain', 'content-length': '5' };
    const variables = requestVariables({ ...request, headers, contentLength: 5 });
    assert.equal(variables.get('CONTENT_TYPE'), 'text/plain');
    assert.equal(variables.get('CONTENT_LENGTH'), '5');
    assert.equal(variables.get('HTTP_CONTENT_TYPE'), undefined);
  });

  it('keeps what would pass for a setting, a secret or another field', () => {
    const headers = {
      proxy: 'http://evil.example',
      authorization: 'Basic c2VjcmV0',
      x_forwarded_for: '127.0.0.1',
      'x-forwarded-for': '192.0.2.1',
    };
    const variables = requestVariables({ ...request, headers });
    assert.equal(variables.get('HTTP_PROXY'), undefined);
    assert.equal(variables.get('HTTP_AUTHORIZATION'), undefined);
    assert.equal(variables.get('HTTP_X_FORWARDED_FOR'), '192.0.2.1');
  });

  for (const target of ['/%', '/%ff', '/a%00b']) {
    it(`refuses the path ${target}`, () => {
      assert.throws(() => requestVariables({ ...request, target }), URIError);
    });
  }
});
