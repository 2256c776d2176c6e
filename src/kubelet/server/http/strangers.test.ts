import assert from 'node:assert/strict';
import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { after, before, beforeEach, describe, it } from 'node:test';
import { Strangers } from './strangers.ts';

describe('Strangers', () => {
  let strangers = new Strangers();
  const server = net.createServer((socket) => {
    socket.on('error', () => socket.destroy());
    strangers.add(socket);
  });

  before(async () => {
    server.listen(0);
    await once(server, 'listening');
  });
  beforeEach(() => {
    strangers = new Strangers({ most: 5, mostOfPeer: 3 });
  });
  after(() => server.close());

  /** A connection from this address, which the server has seen. */
  async function connect(localAddress = '127.0.0.1') {
    const seen = once(server, 'connection');
    const { port } = server.address() as AddressInfo;
    const socket = net.connect({ host: '127.0.0.1', port, localAddress });
    socket.on('error', () => {});
    const closed = once(socket, 'close');
    const [accepted] = await seen;
    return { socket, accepted, closed };
  }

  it('closes the oldest of an address that has too many', async () => {
    const first = await connect();
    const others = [await connect(), await connect(), await connect()];
    await first.closed;
    assert.equal(strangers.count, 3);
    for (const { socket } of others) assert.ok(!socket.destroyed);
    for (const { socket } of others) socket.destroy();
  });

  it('closes for a newcomer the oldest of the address that has most', async () => {
    const few = await connect('127.0.0.2');
    const many = [await connect(), await connect(), await connect()];
    const more = [await connect('127.0.0.3'), await connect('127.0.0.4')];
    await many[0]?.closed;
    assert.equal(strangers.count, 5);
    assert.ok(!few.socket.destroyed);
    for (const { socket } of [few, ...many, ...more]) socket.destroy();
  });

  it('leaves alone those who were let in', async () => {
    const known = await connect();
    strangers.letIn(known.accepted);
    assert.equal(strangers.count, 0);
    const others = [await connect(), await connect(), await connect()];
    assert.ok(!known.socket.destroyed);
    for (const { socket } of [known, ...others]) socket.destroy();
  });

  it('forgets those who are gone', async () => {
    const { socket, accepted } = await connect();
    const closed = once(accepted, 'close');
    socket.destroy();
    await closed;
    assert.equal(strangers.count, 0);
  });
});
