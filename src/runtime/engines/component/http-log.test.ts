import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { describeRequest } from './http-log.ts';

describe('describeRequest', () => {
  it('has the status that was sent, and a line to itself', () => {
    const request = { method: 'GET', path: '/a\n', status: 200, milliseconds: 1.25 };
    assert.equal(describeRequest(request), 'GET /a%0A 200 1.3ms');
    assert.equal(describeRequest({ ...request, status: undefined }), 'GET /a%0A - 1.3ms');
  });
});
