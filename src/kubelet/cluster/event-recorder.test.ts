import assert from 'node:assert/strict';
import { once } from 'node:events';
import http from 'node:http';
import { json } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import { ManualClock } from '../../../tests/support/manual-clock.ts';
import { ApiClient } from '../../kubernetes/api/api-client.ts';
import { ApiConnection } from '../../kubernetes/connection/api-connection.ts';
import { parsePod } from '../pods/parse-pod.ts';
import { EventRecorder } from './event-recorder.ts';

interface Written {
  readonly count: number;
  readonly message?: string;
}

/** A recorder, the server that it writes to, and what is said of it. */
class Bench implements AsyncDisposable {
  readonly clock = new ManualClock(Date.parse('2026-01-01T00:00:00Z'));
  readonly written: Written[] = [];
  readonly said: string[] = [];
  dropped = 0;
  /** What requests are answered with, once it is there. */
  answer: Promise<number> = Promise.resolve(200);
  asked = 0;
  readonly recorder: EventRecorder;
  readonly #server: http.Server;
  readonly #resources = new AsyncDisposableStack();
  readonly #stopping = new AbortController();
  readonly #running: Promise<void>;

  static async start(): Promise<Bench> {
    const server = http.createServer();
    await once(server.listen(0, '127.0.0.1'), 'listening');
    return new Bench(server);
  }

  constructor(server: http.Server) {
    this.#server = server;
    server.on('request', (request, response) => void this.#serve(request, response));
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const access = { server: `http://127.0.0.1:${port}`, identity: {} };
    const connection = this.#resources.use(new ApiConnection(access));
    const say = (text: string) => void this.said.push(text);
    this.recorder = new EventRecorder({
      client: new ApiClient({ connection }),
      nodeName: 'here',
      clock: this.clock,
      log: { info: say, warn: say },
      onDrop: () => {
        this.dropped += 1;
      },
    });
    this.#running = this.recorder.run(this.#stopping);
  }

  record(pod: string, message = 'Container started'): void {
    this.recorder.record({ pod: podNamed(pod), type: 'Normal', reason: 'Started', message });
  }

  async until(isSo: () => boolean): Promise<void> {
    for (let round = 0; round < 2_000 && !isSo(); round++) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    assert.ok(isSo(), `${this.written.length} written, ${this.asked} asked, said ${this.said}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    this.#server.closeAllConnections();
    await this.#running;
    await this.#resources.disposeAsync();
    await once(this.#server.close(), 'close');
  }

  async #serve(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const event = await json(request);
    this.asked += 1;
    const code = await this.answer;
    if (code === 200) this.written.push(event as Written);
    const failure = { kind: 'Status', status: 'Failure', code, message: 'so it is' };
    response.writeHead(code).end(JSON.stringify(code === 200 ? event : failure));
  }
}

function podNamed(name: string) {
  return parsePod({
    metadata: { name, namespace: 'default', uid: name },
    spec: { containers: [{ name: 'c', image: 'i' }] },
  });
}

describe('EventRecorder', { timeout: 60_000 }, () => {
  it('writes an event once, and raises its count when it happens again', async () => {
    await using bench = await Bench.start();
    bench.record('a');
    await bench.until(() => bench.written.length === 1);
    bench.record('a');
    await bench.until(() => bench.written.length === 2);
    bench.record('a', 'Container stopped');
    await bench.until(() => bench.written.length === 3);
    assert.deepEqual(
      bench.written.map(({ count, message }) => [count, message]),
      [
        [1, 'Container started'],
        [2, undefined],
        [1, 'Container stopped'],
      ],
    );
  });

  it('cuts off a pod that makes too many, and says nothing of that', async () => {
    await using bench = await Bench.start();
    for (let number = 0; number < 40; number++) bench.record('noisy', `event ${number}`);
    bench.record('quiet');
    await bench.until(() => bench.written.length === 26);
    assert.deepEqual(bench.said, []);
    assert.equal(bench.dropped, 0);
  });

  it('gives up what comes while 1,000 wait, and says so once, and how many in the end', async () => {
    await using bench = await Bench.start();
    const answering = Promise.withResolvers<number>();
    bench.answer = answering.promise;
    bench.record('first');
    await bench.until(() => bench.asked === 1);
    for (let number = 0; number < 1_100; number++) bench.record(`pod-${number}`);
    assert.equal(bench.dropped, 100);
    assert.deepEqual(bench.said, ['Events are given up: 1000 others wait to be written']);
    answering.resolve(200);
    await bench.until(() => bench.written.length === 1_001);
    await bench.until(() => bench.said.length === 2);
    assert.equal(bench.said[1], 'Events are written again, 100 were given up');
  });

  it('gives up what the API server does not take five times, and says why', async () => {
    await using bench = await Bench.start();
    bench.answer = Promise.resolve(500);
    bench.record('a');
    for (let tries = 1; tries < 6; tries++) {
      await bench.until(() => bench.asked === tries && bench.clock.sleeps.length >= tries);
      await bench.clock.advance(10_000);
    }
    await bench.until(() => bench.dropped === 1);
    assert.match(bench.said.join(), /^Events are given up: .*so it is/);
    bench.answer = Promise.resolve(200);
    bench.record('b');
    await bench.until(() => bench.said.length === 2);
    assert.equal(bench.written.length, 1);
  });
});
