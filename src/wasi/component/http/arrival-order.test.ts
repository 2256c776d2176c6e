import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { ArrivalOrder } from './arrival-order.ts';
import { RequestServer } from './request-server.ts';

/** An order, a clock, and a record of the requests that have begun. */
function open() {
  let time = 1000;
  const begun: (number | string)[] = [];
  const order = new ArrivalOrder(() => time);
  const request = (name: number | string, milliseconds: number) => () => {
    begun.push(name);
    time += milliseconds;
  };
  return {
    begun,
    pass: (milliseconds: number) => {
      time += milliseconds;
    },
    come: (name: number | string, milliseconds: number) => order.begin(request(name, milliseconds)),
  };
}

async function rounds(count: number): Promise<void> {
  for (let round = 0; round < count; round++) await setImmediate();
}

describe('ArrivalOrder', { timeout: 10_000 }, () => {
  it('reads what has come meanwhile when requests have computed for long', async () => {
    const { begun, come } = open();
    for (const name of ['a', 'b', 'c']) come(name, 0.6);
    assert.deepEqual(begun, ['a']);
    await setImmediate();
    assert.deepEqual(begun, ['a', 'b']);
    come('a again', 0.6);
    await rounds(2);
    assert.deepEqual(begun, ['a', 'b', 'c', 'a again']);
  });

  it('lets all begin at once that are short', () => {
    const { begun, come } = open();
    for (let name = 0; name < 500; name++) come(name, 0.1);
    assert.equal(begun.length, 500);
  });

  it('lets those begin together that are short, and wait behind a long one', async () => {
    const { begun, come } = open();
    come('long', 3);
    for (let name = 0; name < 20; name++) come(name, 0.1);
    assert.equal(begun.length, 1);
    await setImmediate();
    assert.equal(begun.length, 21);
  });

  it('does not count the time between two rounds', async () => {
    const { begun, come, pass } = open();
    come('a', 0.1);
    await setImmediate();
    pass(100);
    come('b', 0.1);
    assert.deepEqual(begun, ['a', 'b']);
  });

  it('has no more wait than it has room for', async () => {
    const { begun, come } = open();
    for (let name = 0; name < 1030; name++) come(name, 1);
    assert.deepEqual(begun, [0, 1025, 1026, 1027, 1028, 1029]);
    await rounds(1030);
    assert.equal(begun.length, 1030);
  });
});

/** Takes longer than a round. */
function compute(): void {
  const end = performance.now() + 2;
  while (performance.now() < end);
}

describe('A server', { timeout: 10_000 }, () => {
  it('lets nobody wait who came a moment later until all others have begun twice', async () => {
    const begun: string[] = [];
    const clients = new Map<string, Socket>();
    const ask = (name: string) =>
      clients.get(name)?.write(`GET /${name} HTTP/1.1\r\nhost: x\r\n\r\n`);
    const server = new RequestServer({
      answer: async ({ request, response }) => {
        const name = request.url?.slice(1) ?? '';
        begun.push(name);
        if (begun.length === 1) ask('late');
        compute();
        response.end();
        if (begun.length < 20) ask(name); // comes at once, as from a client in another process
      },
    });
    const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
    for (const name of ['a', 'b', 'c', 'd', 'late']) {
      const client = connect(port, '127.0.0.1').resume();
      await once(client, 'connect');
      clients.set(name, client);
    }
    for (const name of ['a', 'b', 'c', 'd']) ask(name);
    while (begun.length < 20) await setImmediate();
    await server.drain({ signal: AbortSignal.abort() });
    const before = begun.slice(0, begun.indexOf('late'));
    assert.ok(before.length < 7, begun.join(' '));
  });
});
