import { once } from 'node:events';
import https from 'node:https';
import net from 'node:net';
import type { Duplex } from 'node:stream';
import { SpdyConnection } from '../../src/kubelet/server/spdy/spdy-connection.ts';

/** A server that sends so many bytes to whoever connects. */
export async function startSource(bytes: number): Promise<net.Server> {
  const block = Buffer.alloc(256 * 1024, 'x');
  const source = net.createServer(async (socket) => {
    socket.on('error', () => socket.destroy());
    for (let sent = 0; sent < bytes; sent += block.length) {
      if (!socket.write(block)) await once(socket, 'drain');
    }
    socket.end();
  });
  source.listen(0, '127.0.0.1');
  await once(source, 'listening');
  return source;
}

/** Reads all that a port of the pod sends, through the kubelet; gives the bytes. */
export async function readForwarded(kubeletPort: number, podPort: number): Promise<number> {
  const transport = await upgrade(kubeletPort);
  const connection = new SpdyConnection(
    { transport, onStream: (stream) => stream.refuse() },
    { role: 'client' },
  );
  const running = connection.run();
  const open = (type: string) =>
    connection.open(
      new Map([
        ['streamtype', [type]],
        ['port', [String(podPort)]],
        ['requestid', ['0']],
      ]),
    );
  open('error').resume().end();
  const data = open('data');
  data.end();
  const bytes = await countBytes(data);
  transport.destroy();
  await running;
  return bytes;
}

/** The same without anybody in between. */
export async function readDirectly(port: number): Promise<number> {
  return await countBytes(net.connect(port, '127.0.0.1'));
}

async function countBytes(stream: Duplex): Promise<number> {
  let bytes = 0;
  stream.on('data', (chunk: Buffer) => (bytes += chunk.length));
  await once(stream, 'end');
  return bytes;
}

async function upgrade(port: number): Promise<Duplex> {
  const request = https.request({
    host: '127.0.0.1',
    port,
    path: '/portForward/default/pod',
    method: 'POST',
    rejectUnauthorized: false,
    headers: {
      authorization: 'Bearer bench',
      connection: 'Upgrade',
      upgrade: 'SPDY/3.1',
      'x-stream-protocol-version': 'portforward.k8s.io',
    },
  });
  request.end();
  const [, socket] = await once(request, 'upgrade');
  return socket;
}
