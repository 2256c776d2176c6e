import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TypeItem } from './items.ts';
import { TypeTable } from './type-table.ts';
import { UnsupportedComponent } from './unsupported-component.ts';

const byte: TypeItem = { kind: 'primitive', type: 'u8' };
const nothing: TypeItem = { kind: 'tuple', items: [] };

describe('TypeTable', () => {
  const refused: Readonly<Record<string, TypeItem>> = {
    'a tuple of nothing': nothing,
    'a list of no items': { kind: 'list', item: byte, length: 0 },
    'any number of tuples of nothing': { kind: 'list', item: nothing, length: 2 ** 32 - 1 },
    'more than a megabyte at once': { kind: 'list', item: byte, length: 2 ** 20 + 1 },
  };
  for (const [what, type] of Object.entries(refused)) {
    it(`refuses ${what}`, () => {
      const table = new TypeTable({ partOf: () => 0 });
      assert.throws(() => table.indexOf(type), UnsupportedComponent);
    });
  }

  const resource: TypeItem = {
    kind: 'resource',
    resource: { kind: 'host', interface: 'wasi:io/poll@0.2.0', name: 'pollable' },
  };
  const lent: TypeItem = { kind: 'borrow', resource };
  const lasting: Readonly<Record<string, TypeItem>> = {
    'a resource that is lent': lent,
    'a list of them': { kind: 'list', item: lent },
    'a variant with one': { kind: 'variant', cases: [undefined, { kind: 'tuple', items: [lent] }] },
  };
  for (const [what, type] of Object.entries(lasting)) {
    it(`takes ${what} for a parameter, and for nothing that outlives the call`, () => {
      const table = new TypeTable({ partOf: () => 0 });
      table.indexOf(type);
      assert.throws(() => table.lastingIndexOf(type), /longer than a call/);
      for (const kind of ['stream', 'future'] as const) {
        assert.throws(() => table.indexOf({ kind, item: type }), /longer than a call/);
      }
    });
  }

  it('has each type once', () => {
    const table = new TypeTable({ partOf: () => 0 });
    const pair = (): TypeItem => ({ kind: 'tuple', items: [byte, { ...byte }] });
    assert.equal(table.indexOf(pair()), table.indexOf(pair()));
    assert.equal(table.types.length, 2);
  });
});
