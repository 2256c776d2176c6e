import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { forgetServer, RequestTurns, requestsArrived, turnsMemory } from './request-turns.ts';

const limits = { maximumConcurrency: 2, maximumWaiting: 3 };

/** Servers that share limits, and a record of what has begun. */
function open(servers: number, init = limits) {
  const memory = turnsMemory(servers);
  const begun: string[] = [];
  const turns = Array.from(
    { length: servers },
    (_, server) => new RequestTurns(init, { memory, server }),
  );
  return {
    memory,
    begun,
    turns: turns as [RequestTurns, RequestTurns],
    admit: (server: number, name: string) =>
      turns[server]?.admit(() => begun.push(name)) ?? assert.fail(),
  };
}

describe('RequestTurns', { timeout: 10_000 }, () => {
  it('has some run, some wait in their order, and refuses the others', () => {
    const { begun, turns, admit } = open(1);
    const admitted = ['a', 'b', 'c', 'd', 'e', 'f'].map((name) => admit(0, name));
    assert.deepEqual(admitted, [true, true, true, true, true, false]);
    assert.deepEqual(begun, ['a', 'b']);
    turns[0].end();
    assert.deepEqual(begun, ['a', 'b', 'c']);
    assert.equal(admit(0, 'g'), true);
    for (let count = 0; count < 3; count++) turns[0].end();
    assert.deepEqual(begun, ['a', 'b', 'c', 'd', 'e', 'g']);
  });

  it('keeps several servers to the same limits', async () => {
    const { memory, begun, turns, admit } = open(2);
    assert.deepEqual([admit(0, 'a'), admit(0, 'b'), admit(1, 'c')], [true, true, true]);
    assert.deepEqual(begun, ['a', 'b']);
    turns[0].end();
    while (begun.length < 3) await sleep(1);
    assert.deepEqual(begun, ['a', 'b', 'c']);
    assert.deepEqual(
      [admit(0, 'd'), admit(1, 'e'), admit(1, 'f'), admit(0, 'g')],
      [true, true, true, false],
    );
    assert.equal(requestsArrived(memory), 7);
    for (const server of [0, 1, 0] as const) {
      const before = begun.length;
      turns[server].end();
      while (begun.length === before) await sleep(1);
    }
    assert.deepEqual(begun.toSorted(), ['a', 'b', 'c', 'd', 'e', 'f']);
    assert.ok(begun.indexOf('e') < begun.indexOf('f'));
  });

  it('lets none starve where one is always busy', async () => {
    const one = { maximumConcurrency: 1, maximumWaiting: 100 };
    const { begun, turns, admit } = open(2, one);
    for (let count = 0; count < 10; count++) admit(0, 'mine');
    admit(1, 'other');
    while (!begun.includes('other')) {
      const before = begun.length;
      turns[0].end();
      while (begun.length === before) await sleep(1);
    }
    assert.ok(begun.length < 6, begun.join());
  });

  it('takes back what a server had that has ended', async () => {
    const { memory, begun, turns, admit } = open(2);
    for (const name of ['a', 'b']) admit(1, name);
    admit(0, 'mine');
    assert.deepEqual(begun, ['a', 'b']);
    forgetServer({ memory, server: 1 });
    while (begun.length < 3) await sleep(1);
    assert.deepEqual(begun, ['a', 'b', 'mine']);
    turns[0].end();
    assert.deepEqual([...new Int32Array(memory).slice(0, 2)], [0, 0]);
  });
});
