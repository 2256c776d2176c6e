import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, it } from 'node:test';
import { HttpClient } from './http-client.ts';
import { Transport } from './transport.ts';

describe('HttpClient', () => {
  it('lets go of a host that takes connections and never answers, once it is aborted', async () => {
    await using resources = new AsyncDisposableStack();
    const silent = createServer().listen(0, '127.0.0.1');
    resources.defer(() => void silent.close());
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const connected = once(silent, 'connection');
    const transport = resources.use(new Transport());
    const http = new HttpClient({ transport, isInsecure: () => false });
    const controller = new AbortController();
    const url = new URL(`https://127.0.0.1:${port}/`);
    const answer = http.send({ method: 'GET', url }, { signal: controller.signal });
    const [socket] = await connected;
    resources.defer(() => void socket.destroy());
    controller.abort(new Error('enough'));
    await assert.rejects(answer, /enough/);
    assert.ok(!socket.destroyed, 'the host has not hung up');
  });
});
