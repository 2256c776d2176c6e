import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type JsonObject, type StatusShape, strategicDiff } from './strategic-diff.ts';

const shape: StatusShape = {
  keyedLists: {
    conditions: { key: 'type', isShared: true },
    podIPs: { key: 'ip', isShared: false },
  },
  ownedFields: ['message'],
};

const ready = { type: 'Ready', status: 'True', message: 'well' };

describe('strategicDiff', () => {
  const cases: readonly [string, JsonObject, JsonObject, JsonObject | undefined][] = [
    ['nothing where nothing changes', { phase: 'Running' }, { phase: 'Running' }, undefined],
    ['fields that are new or differ', { a: 1, b: 2 }, { b: 3, c: 4 }, { b: 3, c: 4 }],
    ['nothing for a field that is undefined', { a: 1 }, { a: undefined }, undefined],
    ['nothing for a list that is empty and was not there', {}, { images: [] }, undefined],
    ['an empty list where there was more', { images: [1] }, { images: [] }, { images: [] }],
    ['owned fields that are gone, as null', { message: 'm', reason: 'r' }, {}, { message: null }],
    [
      'nested objects by what changes in them',
      { capacity: { cpu: '1', memory: '2' } },
      { capacity: { cpu: '1', pods: '3' } },
      { capacity: { memory: null, pods: '3' } },
    ],
    ['plain lists as a whole', { list: [1, 2] }, { list: [2] }, { list: [2] }],
    [
      "shared lists by their changed items, leaving others' items alone",
      { conditions: [ready, { type: 'Gate', status: 'True' }] },
      { conditions: [{ type: 'Ready', status: 'False' }] },
      { conditions: [{ type: 'Ready', status: 'False', message: null }] },
    ],
    [
      'nothing for a shared list of which others hold more',
      { conditions: [ready, { type: 'Gate', status: 'True' }] },
      { conditions: [ready] },
      undefined,
    ],
    [
      'keyed lists of its own as a replacement',
      { podIPs: [{ ip: '10.0.0.1' }] },
      { podIPs: [{ ip: '10.0.0.2' }] },
      { podIPs: [{ ip: '10.0.0.2' }, { $patch: 'replace' }] },
    ],
  ];
  for (const [name, observed, wanted, expected] of cases) {
    it(`gives ${name}`, () => {
      assert.deepEqual(strategicDiff(observed, wanted, shape), expected);
    });
  }
});
