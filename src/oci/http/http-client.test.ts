import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { describe, it } from 'node:test';
import { HttpClient } from './http-client.ts';
import { Transport } from './transport.ts';

/** A host that takes connections and never answers, and what has connected to it. */
class SilentHost implements AsyncDisposable {
  readonly sockets: Socket[] = [];
  readonly #server = createServer((socket) => {
    this.sockets.push(socket.on('error', () => undefined));
  });

  static async start(): Promise<SilentHost> {
    const host = new SilentHost();
    await once(host.#server.listen(0, '127.0.0.1'), 'listening');
    return host;
  }

  url(scheme: 'http' | 'https'): URL {
    return new URL(`${scheme}://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`);
  }

  /** The next connection. */
  async connected(): Promise<Socket> {
    const [socket] = await once(this.#server, 'connection');
    return socket;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await once(this.#server.close(), 'close');
  }
}

describe('HttpClient', () => {
  const isInsecure = () => true;
  const retry = { baseDelayMs: 1 };

  it('lets go of a host that takes connections and never answers, once it is aborted', async () => {
    await using silent = await SilentHost.start();
    const connected = silent.connected();
    await using transport = new Transport();
    const http = new HttpClient({ transport, isInsecure });
    const controller = new AbortController();
    const request = { method: 'GET', url: silent.url('https') } as const;
    const answer = http.send(request, { signal: controller.signal });
    const socket = await connected;
    controller.abort(new Error('enough'));
    await assert.rejects(answer, /enough/);
    assert.ok(!socket.destroyed, 'the host has not hung up');
  });

  it('asks a host that never answers once', async () => {
    await using silent = await SilentHost.start();
    await using transport = new Transport();
    const http = new HttpClient({ transport, isInsecure }, { headersTimeoutMs: 20, retry });
    await assert.rejects(http.send({ method: 'GET', url: silent.url('http') }), {
      code: 'RegistryUnavailable',
      message: /cannot be reached: Headers Timeout/,
    });
    assert.equal(silent.sockets.length, 1);
  });

  it('connects three times to a host that does not shake hands', async () => {
    await using silent = await SilentHost.start();
    await using transport = new Transport({ connectTimeoutMs: 20 });
    const http = new HttpClient({ transport, isInsecure }, { retry });
    await assert.rejects(http.send({ method: 'GET', url: silent.url('https') }), {
      code: 'RegistryUnavailable',
      message: /cannot be reached: Connect Timeout/,
    });
    assert.equal(silent.sockets.length, 3);
  });
});
