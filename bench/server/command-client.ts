import { once } from 'node:events';
import { WebSocket } from 'ws';

const block = Buffer.concat([Buffer.from([0]), Buffer.alloc(32 * 1024, 'x')]);

/** Runs a command as kubectl does, sends it so many bytes, and counts what comes back. */
export async function runCommand(
  port: number,
  command: string,
  sentBytes: number,
): Promise<{ readonly receivedBytes: number; readonly milliseconds: number }> {
  const begun = performance.now();
  const query = `command=${command}&input=${sentBytes > 0 ? 1 : 0}&output=1`;
  const socket = new WebSocket(
    `wss://127.0.0.1:${port}/exec/default/pod/app?${query}`,
    'v5.channel.k8s.io',
    { rejectUnauthorized: false, headers: { authorization: 'Bearer bench' } },
  );
  let receivedBytes = 0;
  socket.on('message', (data) => {
    if (Buffer.isBuffer(data)) receivedBytes += data.length - 1;
  });
  const closed = once(socket, 'close');
  await once(socket, 'open');
  for (let sent = 0; sent < sentBytes; sent += block.length - 1) {
    await new Promise((resolve) => socket.send(block, resolve));
  }
  socket.send(Buffer.from([255, 0]));
  await closed;
  return { receivedBytes, milliseconds: performance.now() - begun };
}
