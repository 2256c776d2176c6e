import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Frame, FunctionBody, Token } from './function-body.ts';
import { recursiveFunctions } from './recursive-functions.ts';

const imported = 2;

/** Functions that call those that are listed, by where they are in the list. */
function find(calls: readonly (readonly number[] | undefined)[]): number[] {
  const bodies = calls.map((callees) => callees && bodyThatCalls(callees));
  return [...recursiveFunctions(bodies, imported)].map((index) => index - imported).sort();
}

function bodyThatCalls(callees: readonly number[]): FunctionBody {
  const none = new Uint8Array();
  const place = { loop: undefined, depth: 0, first: 0, last: 0, nested: false };
  const frame: Frame = { kind: 'function', parameters: none, results: none, ...place };
  const tokens = callees.map(
    (to): Token => ({ kind: 'call', callee: to + imported, loop: undefined, at: 0, end: 0 }),
  );
  return { parameters: none, locals: [], start: 0, end: 0, frame, loops: [], tokens };
}

describe('recursiveFunctions', () => {
  it('finds those that call themselves', () => {
    assert.deepEqual(find([[0], [0, 1], [0]]), [0, 1]);
  });

  it('finds circles, and not what leads into them or out of them', () => {
    assert.deepEqual(find([[1], [2, 4], [3], [1], [5], []]), [1, 2, 3]);
    assert.deepEqual(find([[1, 2], [0], [3], [2, 0]]), [0, 1, 2, 3]);
  });

  it('finds none where the same function is called twice', () => {
    assert.deepEqual(find([[1, 2, 1], [3], [3], [-1, -2]]), []);
  });

  it('does not know what functions call that cannot be read', () => {
    assert.deepEqual(find([[1], undefined, [0]]), []);
  });

  it('finds a circle of any length', () => {
    const length = 100_000;
    const calls = Array.from({ length }, (_, index) => [(index + 1) % length]);
    assert.equal(find(calls).length, length);
  });
});
