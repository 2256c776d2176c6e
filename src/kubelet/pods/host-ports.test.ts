import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import { freePort } from '../../../tests/support/free-port.ts';
import { HostPorts } from './host-ports.ts';
import { parsePod } from './parse-pod.ts';

const podOf = (hostPort: number, containerPort: number) =>
  parsePod({
    metadata: { name: 'p' },
    spec: {
      containers: [
        { name: 'c', image: 'i', ports: [{ hostIP: '127.0.0.1', hostPort, containerPort }] },
      ],
    },
  });

describe('HostPorts', () => {
  it('forwards both ways, ends of either side included', async () => {
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      let heard = '';
      socket.on('data', (chunk) => {
        heard += chunk;
      });
      socket.on('end', () => socket.end(`heard ${heard}`));
    });
    server.listen(0, '127.64.0.5');
    await once(server, 'listening');
    const hostPort = await freePort();
    const { port } = server.address() as AddressInfo;
    {
      await using ports = new HostPorts('127.64.0.5');
      await ports.open(podOf(hostPort, port));
      const client = connect({ port: hostPort, host: '127.0.0.1', allowHalfOpen: true });
      client.end('hello');
      assert.equal(await text(client), 'heard hello');
    }
    const late = connect(hostPort, '127.0.0.1');
    await assert.rejects(once(late, 'connect'), { code: 'ECONNREFUSED' });
    await once(server.close(), 'close');
  });

  it('refuses a port that is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await assert.rejects(new HostPorts('127.64.0.5').open(podOf(port, 80)), { code: 'EADDRINUSE' });
    await once(server.close(), 'close');
  });
});
