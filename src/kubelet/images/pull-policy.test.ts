import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { pullPolicyOf } from './pull-policy.ts';

describe('pullPolicyOf', () => {
  for (const [image, policy] of [
    ['app', 'Always'],
    ['app:latest', 'Always'],
    ['localhost:5000/app', 'Always'],
    ['app:v1', 'IfNotPresent'],
    ['localhost:5000/app:v1', 'IfNotPresent'],
    [`app@sha256:${'0'.repeat(64)}`, 'IfNotPresent'],
    [`app:latest@sha256:${'0'.repeat(64)}`, 'IfNotPresent'],
  ] as const) {
    it(`${image} is ${policy}`, () => assert.equal(pullPolicyOf({ image }), policy));
  }

  it('does what the container says', () => {
    assert.equal(pullPolicyOf({ image: 'app', imagePullPolicy: 'Never' }), 'Never');
  });
});
