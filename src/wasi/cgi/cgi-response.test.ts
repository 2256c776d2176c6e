import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CgiResponseError, cgiResponse } from './cgi-response.ts';

const read = (text: string) => {
  const { status, headers, body } = cgiResponse(Buffer.from(text));
  return { status, headers, body: Buffer.from(body).toString() };
};

describe('cgiResponse', () => {
  const cases = [
    [
      'Content-Type: text/plain\n\nhello\n\nworld',
      { status: 200, headers: ['Content-Type', 'text/plain'], body: 'hello\n\nworld' },
    ],
    [
      'Content-Type:text/html\r\nStatus: 404 Not Found\r\n\r\n',
      { status: 404, headers: ['Content-Type', 'text/html'], body: '' },
    ],
    ['Status: 204\n\n', { status: 204, headers: [], body: '' }],
    ['Location: /there\n\n', { status: 302, headers: ['Location', '/there'], body: '' }],
    [
      'Location: /there\nStatus: 303 See Other\n\n',
      { status: 303, headers: ['Location', '/there'], body: '' },
    ],
    [
      'Content-Type: a/b\nContent-Length: 999\nTransfer-Encoding: chunked\nConnection: close\n\nx',
      { status: 200, headers: ['Content-Type', 'a/b'], body: 'x' },
    ],
    [
      'Set-Cookie: a=1\nSet-Cookie: b=2\nContent-Type: a/b\n\n',
      {
        status: 200,
        headers: ['Set-Cookie', 'a=1', 'Set-Cookie', 'b=2', 'Content-Type', 'a/b'],
        body: '',
      },
    ],
  ] as const;
  for (const [text, response] of cases) {
    it(`reads ${JSON.stringify(text)}`, () => assert.deepEqual(read(text), response));
  }

  for (const text of [
    '',
    'Content-Type: text/plain\n',
    '\nhello',
    'hello\n\n',
    'Content-Type: a\rb\n\n',
    'Bad Name: a\n\n',
    'Content-Type: a/b\nStatus: 99\n\n',
    'Content-Type: a/b\nStatus: 100 Continue\n\n',
    'Content-Type: a/b\nStatus: ok\n\n',
  ]) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      assert.throws(() => read(text), CgiResponseError);
    });
  }
});
