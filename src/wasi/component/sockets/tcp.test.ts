import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { runGuest } from './testing/run-guest.ts';

const pod = '127.0.0.2';
const rules = [{ cidrs: ['127.0.0.0/8', '::1/128'] }];

describe('tcp', () => {
  const peers: string[] = [];
  let server: Server;
  let port: number;

  before(async () => {
    server = createServer({ allowHalfOpen: true }, (socket: Socket) => {
      peers.push(socket.remoteAddress ?? '');
      socket.pipe(socket);
    });
    server.listen(0, '127.0.0.3');
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
  });
  after(() => server.close());

  function guest(args: readonly string[], addresses: readonly string[] = [pod]) {
    return runGuest({ args, addresses, rules });
  }

  it("connects from the pod's address", async () => {
    const { output } = guest(['tcp-client', `127.0.0.3:${port}`, 'hello']);
    assert.equal(await output, `${pod} 127.0.0.3:${port} hello`);
    assert.equal(peers.at(-1), pod);
  });

  it('sends more than the kernel takes at once, and receives it', async () => {
    const { output } = guest(['tcp-large', `127.0.0.3:${port}`, '3000000']);
    assert.equal(await output, '3000000');
  });

  it('says what went wrong', async () => {
    const closed = createServer().listen(0, '127.0.0.4');
    await once(closed, 'listening');
    const { port: free } = closed.address() as AddressInfo;
    closed.close();
    assert.equal(await guest(['connect', `127.0.0.4:${free}`]).output, 'ConnectionRefused');
    assert.equal(await guest(['connect', '[::1]:1']).output, 'PermissionDenied');
  });

  it('sets options, and waits no longer than it is told', async () => {
    assert.equal(await guest(['options', `127.0.0.3:${port}`]).output, '33 WouldBlock');
  });

  for (const local of ['0.0.0.0:0', '127.0.0.1:0', `${pod}:0`]) {
    it(`listens at the pod's address where the guest binds ${local}`, async () => {
      const server = guest(['tcp-server', local, '2']);
      const [address, port] = (await server.firstLine).split(':');
      assert.equal(address, pod);
      for (const message of ['one', 'two']) {
        const socket = connect(Number(port), pod);
        socket.end(message);
        assert.equal(await text(socket), message);
      }
      assert.match(await server.output, /done$/);
    });
  }

  it('listens at an address of IPv6', async () => {
    const server = guest(['tcp-server', '[::]:0', '1'], [pod, '::1']);
    const [, port] = /^\[::1\]:(\d+)$/.exec(await server.firstLine) ?? [];
    const socket = connect(Number(port), '::1');
    socket.end('six');
    assert.equal(await text(socket), 'six');
    await server.output;
  });

  it("finds what listens at localhost where the pod's address is", async () => {
    const server = guest(['tcp-server', '127.0.0.1:0', '1']);
    const [, port] = (await server.firstLine).split(':');
    const client = guest(['tcp-client', `127.0.0.1:${port}`, 'next door']);
    assert.equal(await client.output, `${pod} ${pod}:${port} next door`);
    await server.output;
  });

  it('refuses all where there is no network', async () => {
    const denied = runGuest({ args: ['connect', `127.0.0.3:${port}`], rules });
    assert.equal(await denied.output, 'PermissionDenied');
  });
});
