import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { bodyWindow, type FromThread } from './thread-messages.ts';
import { ThreadResponse } from './thread-response.ts';

function open() {
  const told: FromThread[] = [];
  const response = new ThreadResponse({ id: 7, tell: (message) => told.push(message) });
  return { told, response, kinds: () => told.map(({ kind }) => kind) };
}

describe('ThreadResponse', () => {
  it('tells a whole response at once', async () => {
    const { told, response } = open();
    response.writeHead(201, ['a', 'b']);
    response.end('text', 'latin1');
    await once(response, 'close');
    assert.deepEqual(told, [
      { kind: 'whole', id: 7, status: 201, headers: ['a', 'b'], text: 'text' },
    ]);
  });

  it('tells the parts of one that streams, and its trailers', async () => {
    const { told, response, kinds } = open();
    response.writeHead(200, []);
    response.write(Buffer.from('first'));
    response.addTrailers([['sum', '1']]);
    response.end();
    await once(response, 'close');
    assert.deepEqual(kinds(), ['head', 'chunk', 'finish']);
    assert.deepEqual(told.at(-1), { kind: 'finish', id: 7, trailers: [['sum', '1']] });
  });

  it('sends a copy of a chunk alone, not the memory around it', () => {
    const { told, response } = open();
    response.write(Buffer.alloc(100, 'x').subarray(10, 13));
    const chunk = told.find((message) => message.kind === 'chunk')?.chunk ?? assert.fail();
    assert.deepEqual([chunk.length, chunk.buffer.byteLength], [3, 3]);
  });

  it('waits for the network, chunk for chunk', async () => {
    const { response, kinds } = open();
    const chunk = Buffer.alloc(bodyWindow, 'x');
    for (let count = 0; count < 6; count++) response.write(chunk);
    response.end();
    const chunks = () => kinds().filter((kind) => kind === 'chunk').length;
    assert.equal(chunks(), 2);
    for (const told of [3, 4, 5, 6, 6, 6]) {
      response.taken(chunk.length);
      await turn();
      assert.equal(chunks(), told);
    }
    assert.equal(kinds().at(-1), 'finish');
    assert.ok(response.writableFinished);
  });

  it('is cut where it is given up, and says nothing where nobody is there', async () => {
    const given = open();
    given.response.write('half');
    given.response.destroy();
    assert.deepEqual(given.kinds(), ['head', 'chunk', 'cut']);
    const left = open();
    left.response.write('half');
    left.response.lose();
    assert.deepEqual(left.kinds(), ['head', 'chunk']);
  });
});
