import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { NetworkSpec } from '../../src/runtime/container-spec.ts';
import type { RunningContainer } from '../../src/runtime/running-container.ts';
import { logOf, TestRuntime } from './test-runtime.ts';

const components = path.resolve(import.meta.dirname, '../fixtures/components');
const pod = '127.0.0.2';
const network: NetworkSpec = {
  addresses: [pod],
  egress: [{ cidrs: ['127.0.0.0/8'] }],
  guarded: [],
  dns: { servers: [], searches: [] },
  hosts: [],
};

for (const start of ['fork', 'exec'] as const) {
  describe(`a command of WASI 0.3 that serves TCP, ${start}`, () => {
    const test = new TestRuntime();
    let server: RunningContainer;
    let port: number;

    const run = (component: string, ...args: readonly string[]) =>
      test.runtime.start(
        test.spec(path.join(components, `${component}.wasm`), {
          start,
          network,
          args: [component, ...args],
        }),
      );

    before(async () => {
      server = await run('async-echo', '0');
      const listening = /^127\.0\.0\.2:(\d+)\n/;
      while (!listening.test(logOf(server))) await delay(10);
      port = Number(listening.exec(logOf(server))?.[1]);
    });
    after(() => test[Symbol.asyncDispose]());

    async function open(): Promise<Socket> {
      const socket = connect(port, pod);
      await once(socket, 'connect');
      return socket;
    }

    async function echo(socket: Socket, message: string): Promise<void> {
      socket.write(message);
      let answer = '';
      while (answer.length < message.length) answer += String((await once(socket, 'data'))[0]);
      assert.equal(answer, message);
    }

    const proc = (name: string) => `/proc/${server.pid}/${name}`;
    const descriptors = () => readdirSync(proc('fd')).length;

    it('sends back what many send at once, as it comes, and closes each connection', async () => {
      await echo(await open(), 'the first, for which something is made once'); // and is left open
      const before = descriptors();
      const sockets = await Promise.all(Array.from({ length: 20 }, open));
      for (let round = 0; round < 3; round++) {
        await Promise.all(sockets.map((socket, index) => echo(socket, `${round} ${index}`)));
      }
      assert.equal(descriptors(), before + sockets.length);
      for (const [index, socket] of sockets.entries()) {
        if (index % 2 === 0) socket.end();
        else socket.resetAndDestroy();
      }
      while (descriptors() > before) await delay(10);
    });

    it('sends back more than the kernel takes at once', async () => {
      const socket = await open();
      const sent = 'x'.repeat(5_000_000);
      socket.end(sent);
      assert.equal((await text(socket)).length, sent.length);
    });

    it('rests while nobody asks anything, with connections open', async () => {
      const sockets = [await open(), await open()];
      for (const socket of sockets) await echo(socket, 'hello');
      await delay(100);
      const wakes = () =>
        Number(
          /^voluntary_ctxt_switches:\s+(\d+)$/m.exec(readFileSync(proc('status'), 'utf8'))?.[1],
        );
      const before = wakes();
      await delay(500);
      assert.ok(wakes() - before < 10, `${wakes() - before} times in half a second`);
      for (const socket of sockets) socket.destroy();
    });

    it('is asked by another', async () => {
      const client = await run('async-network', 'tcp-client', `${pod}:${port}`, 'hello');
      await client.exited;
      assert.equal(logOf(client), `${pod} ${pod}:${port} hello\n`);
    });
  });
}
