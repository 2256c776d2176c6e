import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { expandVariables } from './expand-variables.ts';

const variables = new Map([
  ['A', 'a'],
  ['B', '$(A)'],
  ['EMPTY', ''],
]);

describe('expandVariables', () => {
  // The table of k8s.io/kubernetes third_party/forked/golang/expansion, with our variables.
  const cases: readonly (readonly [string, string])[] = [
    ['$(A)', 'a'],
    ['x$(A)y$(A)', 'xaya'],
    ['$(B)', '$(A)'],
    ['$(EMPTY)|', '|'],
    ['$(MISSING)', '$(MISSING)'],
    ['$$(A)', '$(A)'],
    ['$$$(A)', '$a'],
    ['$$$$(A)', '$$(A)'],
    ['$A', '$A'],
    ['$(A', '$(A'],
    ['$()', '$()'],
    ['cost $5', 'cost $5'],
    ['$', '$'],
    ['$$', '$'],
    ['$((A))', '$((A))'],
    ['$(A)$', 'a$'],
  ];
  for (const [text, expanded] of cases) {
    it(`${text} is ${expanded}`, () => assert.equal(expandVariables(text, variables), expanded));
  }
});
