import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { describeEnd } from './describe-end.ts';

describe('describeEnd', () => {
  const cases = [
    ['nothing of an exit code', { reason: 'Error', message: 'said by the guest' }, undefined],
    ['nothing of success', { reason: 'Completed' }, undefined],
    [
      'what gives more memory',
      { reason: 'OOMKilled' },
      'OOMKilled: it needs more memory than it may have, see --memory',
    ],
    ['what the container noted', { reason: 'OOMKilled', message: 'x' }, 'OOMKilled: x'],
    ['the reason alone', { reason: 'ContainerStatusUnknown' }, 'ContainerStatusUnknown'],
  ] as const;
  for (const [what, end, expected] of cases) {
    it(`says ${what}`, () => assert.equal(describeEnd(end, '--memory'), expected));
  }
});
