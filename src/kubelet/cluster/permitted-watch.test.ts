import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import * as v from 'valibot';
import { ManualClock } from '../../../tests/support/manual-clock.ts';
import { ApiClient } from '../../kubernetes/api/api-client.ts';
import { ApiConnection } from '../../kubernetes/connection/api-connection.ts';
import { endpointSlices } from '../network/services/endpoint-slices.ts';
import { PermittedWatch } from './permitted-watch.ts';

const review = v.object({
  spec: v.object({
    resourceAttributes: v.object({ group: v.string(), resource: v.string(), verb: v.string() }),
  }),
});

/** The little of an API server that says what the node may do, and the clock that it sleeps by. */
class Bench implements AsyncDisposable {
  readonly asked: string[] = [];
  readonly said: string[] = [];
  readonly clock = new ManualClock();
  readonly synced = Promise.withResolvers<void>();
  answer: 'yes' | 'no' | 'not now' = 'no';
  followed = 0;
  readonly #stopping = new AbortController();
  readonly #server: http.Server;
  readonly #resources = new AsyncDisposableStack();
  readonly watch: PermittedWatch;
  readonly #running: Promise<void>;

  static async start(): Promise<Bench> {
    const server = http.createServer();
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return new Bench(server);
  }

  constructor(server: http.Server) {
    this.#server = server;
    server.on('request', (request, response) => void this.#serve(request, response));
    const { port } = server.address() as AddressInfo;
    const access = { server: `http://127.0.0.1:${port}`, identity: {} };
    const connection = this.#resources.use(new ApiConnection(access));
    const say = (message: string) => void this.said.push(message);
    const follow = async () => void this.followed++;
    this.watch = new PermittedWatch(
      {
        client: new ApiClient({ connection }),
        clock: this.clock,
        log: { info: say, warn: say },
        reflectors: [{ synced: this.synced.promise, run: follow }],
      },
      { resources: [endpointSlices], without: 'goes without', granted: 'goes on with' },
    );
    this.#running = this.watch.run(this.#stopping);
  }

  /** Waits until the node sleeps for the time after that, and says for how long. */
  async pause(number: number): Promise<number> {
    for (;;) {
      const pause = this.clock.sleeps[number];
      if (pause !== undefined) return pause;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await this.#running;
    await this.#resources.disposeAsync();
    await once(this.#server.close(), 'close');
  }

  async #serve(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const { group, resource, verb } = v.parse(review, await json(request)).spec.resourceAttributes;
    this.asked.push(`${verb} ${resource}.${group}`);
    if (this.answer === 'not now') response.writeHead(503).end();
    else response.end(JSON.stringify({ status: { allowed: this.answer === 'yes' } }));
  }
}

describe('PermittedWatch', { timeout: 20_000 }, () => {
  it('asks for what it needs, and follows', async () => {
    await using bench = await Bench.start();
    bench.answer = 'yes';
    bench.synced.resolve();
    await bench.watch.followed;
    assert.deepEqual(bench.asked, [
      'list endpointslices.discovery.k8s.io',
      'watch endpointslices.discovery.k8s.io',
    ]);
    assert.deepEqual([bench.followed, bench.watch.isFollowing, bench.said], [1, true, []]);
  });

  it('goes without where it is refused, and asks again: soon, then once in a while', async () => {
    await using bench = await Bench.start();
    await bench.watch.settled;
    for (const [number, seconds] of [10, 20, 40, 60, 60].entries()) {
      const pause = await bench.pause(number);
      assert.ok(pause >= seconds * 1000 && pause <= seconds * 1500, `${pause} ms`);
      await bench.clock.advance(pause);
    }
    await bench.pause(5);
    assert.deepEqual([bench.watch.isFollowing, bench.said], [false, ['goes without']]);
  });

  it('follows once it is granted, and says so', async () => {
    await using bench = await Bench.start();
    const pause = await bench.pause(0);
    bench.answer = 'yes';
    bench.synced.resolve();
    await bench.clock.advance(pause);
    await bench.watch.followed;
    assert.deepEqual(bench.said, ['goes without', 'goes on with']);
  });

  it('asks again where there is no answer, and does not take that for one', async () => {
    await using bench = await Bench.start();
    bench.answer = 'not now';
    const pause = await bench.pause(0);
    assert.ok(pause < 1_000, `${pause} ms`);
    bench.answer = 'yes';
    bench.synced.resolve();
    await bench.clock.advance(pause);
    await bench.watch.followed;
    assert.match(bench.said.join(), /^Cannot ask what the node may watch: [^,]*$/);
  });
});
