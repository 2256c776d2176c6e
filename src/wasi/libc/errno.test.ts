import assert from 'node:assert/strict';
import os from 'node:os';
import { describe, it } from 'node:test';
import { errno, errnoName, errnoOf } from '../errno.ts';
import { wasiErrno } from './errno.ts';

describe('wasiErrno', { skip: process.platform !== 'linux' }, () => {
  for (const [name, number] of Object.entries(os.constants.errno)) {
    it(`translates ${name}, ${number}, as its name says: ${errnoName(errnoOf(name))}`, () => {
      assert.equal(wasiErrno(number), errnoOf(name));
    });
  }

  it('has an answer for what WASI does not know', () => {
    for (const number of [15, 41, 133, 134, 4096]) assert.equal(wasiErrno(number), errno.io);
    assert.equal(wasiErrno(0), errno.success);
  });
});
