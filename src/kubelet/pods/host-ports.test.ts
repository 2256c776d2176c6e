import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { freePort } from '../../../tests/support/free-port.ts';
import { HostPortConnections } from './host-port-connections.ts';
import { HostPorts, type HostPortsInit } from './host-ports.ts';
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

const podIP = '127.64.0.5';

const hostPorts = (init: Partial<HostPortsInit> = {}, most = 100) =>
  new HostPorts({ connections: new HostPortConnections(most) }, { podIP, ...init });

/** A server of the pod's that keeps what connects to it. */
async function startPod() {
  const server = createServer();
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket.resume());
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
  });
  await once(server.listen(0, podIP), 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    sockets,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await once(server.close(), 'close');
    },
  };
}

/** A server that takes no connection, with as many waiting as the kernel keeps for it. */
async function startFullServer() {
  const script = `require('net').createServer().listen({ port: 0, host: '${podIP}', backlog: 1 },
    function () { console.log(this.address().port); Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0); })`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(child.stdout, 'data');
  const port = Number(String(line));
  const waiting = Array.from({ length: 8 }, () => connect(port, podIP));
  for (const socket of waiting) socket.on('error', () => socket.destroy());
  await setTimeout(50);
  return {
    port,
    async [Symbol.asyncDispose]() {
      for (const socket of waiting) socket.destroy();
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

/** Connects, and says whether the connection lasts for a moment. */
async function lasts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => socket.destroy());
  const closed = once(socket.resume(), 'close').then(() => false);
  return await Promise.race([closed, setTimeout(100, true)]);
}

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
      await using ports = hostPorts();
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
    await assert.rejects(hostPorts().open(podOf(port, 80)), { code: 'EADDRINUSE' });
    await once(server.close(), 'close');
  });

  it('has only so many connections, of one port and of all', async () => {
    await using pod = await startPod();
    const [first, second, third] = [await freePort(), await freePort(), await freePort()];
    await using ports = hostPorts({}, 5);
    for (const port of [first, second, third]) await ports.open(podOf(port, pod.port));
    const seen: boolean[] = [];
    for (const port of [first, first, first, first, second, second, third]) {
      seen.push(await lasts(port));
    }
    assert.deepEqual(seen, [true, true, true, false, true, true, false]);
    assert.equal(pod.sockets.size, 5);
    for (const socket of pod.sockets) socket.destroy();
    await setTimeout(50);
    assert.equal(await lasts(third), true, 'those that ended make room');
  });

  it('closes both sides of a connection on which nothing moves, or that one side left', async () => {
    await using pod = await startPod();
    const port = await freePort();
    await using ports = hostPorts({ idleTimeout: 300 }, 4);
    await ports.open(podOf(port, pod.port));
    const busy = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    const writing = setInterval(() => busy.write('x'), 50);
    const idle = connect(port, '127.0.0.1').resume();
    await once(idle, 'close');
    await setTimeout(50);
    assert.equal(pod.sockets.size, 1);
    assert.equal(busy.destroyed, false);
    clearInterval(writing);
    busy.resetAndDestroy();
    await setTimeout(50);
    assert.equal(pod.sockets.size, 0);
    assert.equal(await lasts(port), true);
  });

  it('gives up on a pod that does not take a connection', async () => {
    await using full = await startFullServer();
    const port = await freePort();
    await using ports = hostPorts({ connectTimeout: 100 });
    await ports.open(podOf(port, full.port));
    const client = connect(port, '127.0.0.1').resume();
    await once(client, 'close');
  });
});
