import assert from 'node:assert/strict';
import { on, once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { describe, it } from 'node:test';
import { Worker } from 'node:worker_threads';
import { NativeSystem } from '../native/native-system.ts';
import { GuestProbe } from '../testing/guest-probe.ts';

const bufferAt = 4096;
const listAt = 128;

/** Node's listening socket by its descriptor, which it does not tell in public. */
function descriptorOf(server: Server): number {
  const { _handle: handle } = server as unknown as { _handle: { fd: number } }; // on Unix it has one
  return handle.fd;
}

/** Connects, says hello and tells what it hears, while this thread is the guest's alone. */
const client = `
  const { parentPort, workerData } = require('node:worker_threads');
  const socket = require('node:net').connect(workerData, '127.0.0.1');
  socket.write('hello');
  socket.on('data', (data) => parentPort.postMessage(String(data)));
  socket.on('end', () => parentPort.postMessage('end'));
`;

/**
 * A guest with a listener as descriptor 3, to which a client connects. Until the guest has accepted
 * it, `use` must not wait, or Node's server takes the connection.
 */
async function arrange(
  use: (guest: GuestProbe, heard: AsyncIterator<string[]>) => Promise<void>,
): Promise<void> {
  // What the guest has not accepted, Node does in the end: it must not be left open.
  const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const listeners = [{ fd: descriptorOf(server), name: 'http' }];
  const guest = new GuestProbe(new NativeSystem(), { listeners });
  const worker = new Worker(client, { eval: true, workerData: address.port });
  server.unref();
  try {
    await use(guest, on(worker, 'message'));
  } finally {
    server.close();
    await worker.terminate();
  }
}

/** Asks again as long as nothing is there: listener and connection do not block. */
function retry(call: () => string): string {
  for (let attempt = 0; ; attempt += 1) {
    const result = call();
    if (result !== 'again' || attempt === 5_000) return result;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
  }
}

describe('sock functions', { skip: process.platform !== 'linux', timeout: 30_000 }, () => {
  it('accept, receive, peek, send and shut down', async () => {
    await arrange(async (guest, heard) => {
      assert.equal(guest.call('sock_accept', 3, -1, 0), 'inval');
      assert.equal(guest.call('sock_accept', 3, 0, guest.size - 3), 'fault');
      assert.equal(
        retry(() => guest.call('sock_accept', 3, 4, 0)),
        'success',
      );
      const fd = guest.u32(0);
      assert.equal(fd, 4);
      guest.call('fd_fdstat_get', fd, 512);
      assert.deepEqual([guest.bytes[512], guest.u16(514)], [6, 4]);

      guest.putU32(listAt, bufferAt, 2, bufferAt + 2, 10);
      const receive = (flags: number) => guest.call('sock_recv', fd, listAt, 2, flags, 64, 68);
      assert.equal(
        retry(() => receive(1)),
        'success',
      );
      assert.deepEqual([guest.u32(64), guest.u16(68), guest.text(bufferAt, 6)], [5, 0, 'hello\0']);
      assert.equal(receive(0), 'success', 'what was peeked at is still there');
      assert.equal(receive(0), 'again');
      assert.equal(receive(4), 'inval');

      guest.put(bufferAt, 'answer');
      guest.putU32(listAt, bufferAt, 6);
      assert.equal(guest.call('sock_send', fd, listAt, 1, 1, 64), 'inval');
      assert.equal(guest.call('sock_send', fd, listAt, 1, 0, 64), 'success');
      assert.equal(guest.call('sock_shutdown', fd, 0), 'inval');
      assert.equal(guest.call('sock_shutdown', fd, 2), 'success');
      assert.deepEqual((await heard.next()).value, ['answer']);
      assert.deepEqual((await heard.next()).value, ['end']);
      assert.equal(guest.call('sock_send', fd, listAt, 1, 0, 64), 'pipe');
      assert.equal(guest.call('fd_close', fd), 'success');
    });
  });

  it('serve through fd_read and fd_write too', async () => {
    await arrange(async (guest, heard) => {
      assert.equal(
        retry(() => guest.call('sock_accept', 3, 4, 0)),
        'success',
      );
      const fd = guest.u32(0);
      guest.putU32(listAt, bufferAt, 10);
      assert.equal(
        retry(() => guest.call('fd_read', fd, listAt, 1, 64)),
        'success',
      );
      guest.putU32(listAt, bufferAt, guest.u32(64));
      assert.equal(guest.call('fd_write', fd, listAt, 1, 64), 'success');
      assert.deepEqual((await heard.next()).value, ['hello']);
    });
  });

  it('are for sockets alone', () => {
    const file = openSync(import.meta.filename, 'r');
    using guest = new GuestProbe(new NativeSystem(), {
      stdio: { stdin: file, stdout: file, stderr: file },
    });
    for (const fd of [0, 1]) {
      assert.equal(guest.call('sock_accept', fd, 0, 0), 'notsock');
      assert.equal(guest.call('sock_recv', fd, listAt, 0, 0, 64, 68), 'notsock');
      assert.equal(guest.call('sock_send', fd, listAt, 0, 0, 64), 'notsock');
      assert.equal(guest.call('sock_shutdown', fd, 1), 'notsock');
    }
    assert.equal(guest.call('sock_shutdown', 9, 1), 'badf');
    closeSync(file);
  });

  it('leave a listener to be found among what is there from the start', async () => {
    await arrange(async (guest) => {
      assert.equal(guest.call('fd_prestat_get', 3, 64), 'success');
      assert.deepEqual([guest.u32(64), guest.u32(68)], [1, 0]);
      assert.equal(guest.call('fd_prestat_dir_name', 3, 0, 10), 'notdir');
      assert.equal(guest.call('fd_prestat_get', 4, 64), 'badf');
      assert.equal(guest.call('environ_get', 0, 64), 'success');
      assert.equal(guest.text(64, 33), 'LISTEN_FDS=1\0LISTEN_FDNAMES=http\0');
    });
  });
});
