import assert from 'node:assert/strict';
import { once } from 'node:events';
import net, { type AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { WebSocket, WebSocketServer } from 'ws';
import { dialAddress } from './port-forward.ts';
import { parsePorts, servePortChannels } from './websocket-port-forward.ts';

describe('parsePorts', () => {
  const table: readonly (readonly [string, readonly number[] | RegExp])[] = [
    ['port=80', [80]],
    ['port=80&port=443', [80, 443]],
    ['port=80,443', [80, 443]],
    ['', /'port' is required/],
    ['port=', /port ''/],
    ['port=0', /port '0': use a number/],
    ['port=65536', /port '65536'/],
    ['port=0x50', /port '0x50'/],
    [`port=${'1,'.repeat(100)}1`, /over 100 ports/],
  ];
  for (const [query, expected] of table) {
    it(`reads '${query.slice(0, 20)}' as ${expected}`, () => {
      const parse = () => parsePorts(new URLSearchParams(query));
      if (expected instanceof RegExp) assert.throws(parse, expected);
      else assert.deepEqual(parse(), expected);
    });
  }
});

describe('servePortChannels', () => {
  /** In the pod: repeats the first thing it is told, and ends. */
  const pod = net.createServer((socket) => void socket.once('data', (data) => socket.end(data)));
  let ports: readonly number[] = [];
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  server.on('connection', (socket) => {
    void servePortChannels(socket, ports, dialAddress('127.0.0.1'));
  });

  before(async () => {
    pod.listen(0, '127.0.0.1');
    await once(pod, 'listening');
  });
  after(() => {
    pod.close();
    server.close();
  });

  /** A client that has collected what each channel said, and the end of the connection. */
  async function connect(protocol?: string) {
    const { port } = server.address() as AddressInfo;
    const socket = new WebSocket(`ws://127.0.0.1:${port}`, protocol);
    const said = new Map<number, Buffer>();
    socket.on('message', (message, isBinary) => {
      assert.ok(Buffer.isBuffer(message));
      const [channel = 0] = message;
      const number = isBinary ? channel : channel - 0x30;
      const data = message.subarray(1);
      const bytes = isBinary ? data : Buffer.from(String(data), 'base64');
      said.set(number, Buffer.concat([said.get(number) ?? Buffer.alloc(0), bytes]));
    });
    const closed = once(socket, 'close');
    await once(socket, 'open');
    return { socket, said, closed };
  }

  const numberOf = (port: number) => String.fromCharCode(port & 0xff, port >> 8);

  it('carries bytes both ways, after the number of the port', async () => {
    const { port } = pod.address() as AddressInfo;
    ports = [port, port];
    const { socket, said, closed } = await connect('v4.channel.k8s.io');
    socket.send(Buffer.from('\0first'));
    socket.send(Buffer.from('\x02second'));
    await closed;
    const texts = [0, 1, 2, 3].map((number) => said.get(number)?.toString('latin1'));
    const number = numberOf(port);
    assert.deepEqual(texts, [`${number}first`, number, `${number}second`, number]);
  });

  it('speaks base64 where that was agreed on', async () => {
    const { port } = pod.address() as AddressInfo;
    ports = [port];
    const { socket, said, closed } = await connect('v4.base64.channel.k8s.io');
    socket.send(`0${Buffer.from('encoded').toString('base64')}`);
    await closed;
    assert.equal(said.get(0)?.toString('latin1'), `${numberOf(port)}encoded`);
  });

  it('says why a connection failed', async () => {
    ports = [1];
    const { said, closed } = await connect();
    await closed;
    assert.match(said.get(1)?.toString('latin1') ?? '', /error forwarding port 1 to pod: failed/);
  });
});
