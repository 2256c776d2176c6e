import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { constants } from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { logOf, TestRuntime } from '../../../../../tests/runtime/test-runtime.ts';
import { freePort } from '../../../../../tests/support/free-port.ts';
import type { ContainerSpec, HttpServingSpec, StartForm } from '../../../container-spec.ts';
import type { RunningContainer } from '../../../running-container.ts';

const host = '127.0.0.1';
const fixtures = path.resolve(import.meta.dirname, '../../../../../tests/fixtures/components');
const routes = path.join(fixtures, 'http-routes.wasm');
const loop = path.join(fixtures, 'http-loop.wasm');
const threads = 2;
const network = {
  addresses: [host],
  guarded: [],
  dns: { servers: [], searches: [] },
  hosts: [],
};
/** Enough that the container is busy, be the client as slow as it may. */
const clients = 12;

interface Answer {
  readonly status: number | undefined;
  readonly body: string;
}

/** Processor time after which a thread has loaded what it runs and answered requests, in hundredths. */
const working = 40;

/** The ids of a process's threads. */
function threadsOf({ pid }: RunningContainer): string[] {
  return readdirSync(`/proc/${pid}/task`);
}

/** What the kernel says of one of them. */
function fileOf({ pid }: RunningContainer, thread: string, name: 'stat' | 'status'): string {
  return readFileSync(`/proc/${pid}/task/${thread}/${name}`, 'latin1');
}

/** Processor time of a thread, in hundredths of a second. */
function ticksOf(container: RunningContainer, thread: string): number {
  const stat = fileOf(container, thread, 'stat');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

/** Kilobytes that a process has for itself. */
function privateMemory({ pid }: RunningContainer): number {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  return Number(/^Private_Dirty:\s+(\d+)/m.exec(rollup)?.[1]);
}

for (const start of ['fork', 'exec'] satisfies StartForm[]) {
  describe(`guest threads, ${start}`, () => {
    const test = new TestRuntime();
    after(() => test[Symbol.asyncDispose]());

    async function serve(
      serving: HttpServingSpec = {},
      component = routes,
      changes: Partial<ContainerSpec> = {},
    ) {
      const port = await freePort(host);
      const listen = { address: host, port };
      const http = { listen, egress: [], serving: { threads, ...serving } };
      const container = await test.runtime.start(
        test.spec(component, { start, http, network, ...changes }),
      );
      const agent = new Agent({ keepAlive: true });
      const atRest = new Set(threadsOf(container));
      const started = () => threadsOf(container).filter((thread) => !atRest.has(thread));
      return {
        container,
        /** Processor time of each of the threads, in hundredths of a second. */
        ticks: () => started().map((thread) => ticksOf(container, thread)),
        ask: (route: string, body?: string) => ask(agent, `http://${host}:${port}/${route}`, body),
        count: () => started().length,
        started,
        areWorking: () =>
          started().length === threads &&
          started().every((thread) => ticksOf(container, thread) >= working),
      };
    }

    /** Keeps a container busy until it has its threads, and these answer. */
    async function serveByThreads(
      serving?: HttpServingSpec,
      component?: string,
      changes?: Partial<ContainerSpec>,
    ) {
      const served = await serve(serving, component, changes);
      await load(served, () => !served.areWorking(), 'json');
      return served;
    }

    it('start where a container is busy, are confined as it is, and answer as it does', async () => {
      const { ask, container } = await serveByThreads();
      const fields = /^(?:Uid|Gid|Groups|NoNewPrivs|Seccomp|CapEff|CapPrm|CapBnd):.*$/gm;
      const kinds = threadsOf(container).map((thread) =>
        fileOf(container, thread, 'status').match(fields)?.join(' '),
      );
      assert.equal(new Set(kinds).size, 1);
      assert.match(kinds[0] ?? '', /CapEff:\s+0+ .*NoNewPrivs:\s+1 .*Seccomp:\s+2/);
      const seen = await Promise.all(Array.from({ length: 40 }, () => ask('seen')));
      assert.deepEqual(new Set(seen.map(({ body }) => body)), new Set(['1']));
      const body = 'x'.repeat(1_000_000);
      const echoes = await Promise.all(Array.from({ length: 4 }, () => ask('echo', body)));
      for (const echo of echoes) assert.equal(echo.body, body);
      assert.equal((await ask('big/3000000')).body.length, 3_000_000);
      assert.equal((await ask('drip')).body, '0\n1\n2\n3\n4\n');
      assert.deepEqual(await ask('status/404'), { status: 404, body: '' });
      await container.stop(5);
    });

    it('have a trap be the end of one request, and say so in whole lines', async () => {
      const { ask, container } = await serveByThreads();
      const answers = await Promise.all([
        ...Array.from({ length: 20 }, () => ask('trap')),
        ...Array.from({ length: 20 }, () => ask('sleep/50')),
      ]);
      const statuses = answers.map(({ status }) => status);
      assert.deepEqual(
        statuses.slice(0, 20),
        Array.from({ length: 20 }, () => 500),
      );
      assert.deepEqual(
        statuses.slice(20),
        Array.from({ length: 20 }, () => 200),
      );
      await container.stop(5);
      const lines = readFileSync(container.spec.log.path, 'utf8').trimEnd().split('\n');
      for (const line of lines) assert.match(line, /^\d{4}-\d\d-\d\dT[\d:.]+Z stderr F /);
      const panics = lines.filter((line) => line.endsWith('as asked'));
      assert.equal(panics.length, 20);
    });

    it('write whole lines, each once, while the log is rotated', async () => {
      const directory = mkdtempSync(path.join(test.dataDir, 'rotated-'));
      const log = { path: path.join(directory, '0.log'), maxBytes: 8192, maxFiles: 100 };
      const { ask, container } = await serveByThreads({}, routes, { log });
      for (let round = 0; round < 5; round++) {
        await Promise.all(Array.from({ length: 20 }, () => ask('trap')));
      }
      await container.stop(5);
      const files = readdirSync(directory);
      assert.ok(files.length > 2, files.join());
      const lines = files.flatMap((file) =>
        readFileSync(path.join(directory, file), 'utf8').trimEnd().split('\n'),
      );
      for (const line of lines) assert.match(line, /^\d{4}-\d\d-\d\dT[\d:.]+Z stderr F /);
      assert.equal(lines.filter((line) => line.endsWith('as asked')).length, 100);
    });

    it('serve a connection in the thread that has it', async () => {
      const { ask, container, ticks } = await serveByThreads();
      for (let round = 0; round < 50; round++) await ask('json');
      const before = ticks();
      for (let round = 0; round < 500; round++) await ask('json');
      const [busy = 0, idle = 0] = ticks()
        .map((count, index) => count - (before[index] ?? 0))
        .toSorted((one, other) => other - one);
      assert.ok(busy >= 15 && idle < 5, `${busy} and ${idle} hundredths`);
      await container.stop(5);
    });

    it('are killed with their container, and their clients hear of it', async () => {
      const { ask, container } = await serveByThreads();
      const slow = Array.from({ length: 8 }, () => ask('sleep/60000').catch(codeOf));
      await sleep(150);
      const { pid } = container;
      assert.equal((await container.stop(0)).exitCode, 137);
      assert.deepEqual(new Set(await Promise.all(slow)), new Set(['ECONNRESET']));
      assert.throws(() => readdirSync(`/proc/${pid}/task`), { code: 'ENOENT' });
    });

    it('keep to the limits of time, size and number', async () => {
      const { ask, container } = await serveByThreads({
        accessLog: true,
        requestTimeout: 400,
        maximumBodySize: 1000,
        maximumConcurrency: 16,
      });
      const late = await Promise.all(Array.from({ length: 6 }, () => ask('sleep/5000')));
      assert.deepEqual(new Set(late.map(({ status }) => status)), new Set([504]));
      const large = await ask('echo', 'x'.repeat(2000)).catch(() => undefined);
      assert.notEqual(large?.body.length, 2000);
      assert.equal((await ask('seen')).body, '1');
      await container.stop(5);
      assert.match(logOf(container), /GET \/sleep\/5000 504/);
    });

    it('have no more requests running together than may', async () => {
      const { ask, container } = await serveByThreads({ maximumConcurrency: 3 });
      const begin = performance.now();
      const naps = await Promise.all(Array.from({ length: 12 }, () => ask('sleep/250')));
      assert.deepEqual(new Set(naps.map(({ body }) => body)), new Set(['awake']));
      assert.ok(performance.now() - begin >= 4 * 250);
      await container.stop(5);
    });

    it('are ended with a guest that computes without end, and the others go on', async () => {
      const { ask, container, started } = await serveByThreads({ requestTimeout: 500 }, loop);
      const before = started();
      const endless = ask('', 'for POST');
      // Over the connections of that thread as well: none of them is lost.
      const others = Promise.all(Array.from({ length: clients }, () => ask('')));
      assert.equal((await endless).status, 504);
      for (const { status } of await others) assert.equal(status, 500); // it answers nothing
      while (before.every((thread) => started().includes(thread))) await sleep(20);
      assert.equal((await ask('')).status, 500);
      assert.equal((await container.stop(5)).exitCode, 0);
    });

    it('are not needed to end a container whose guest computes without end', async () => {
      const { ask, container } = await serve({ requestTimeout: 300, threads: 1 }, loop);
      assert.equal((await ask('')).status, 500); // it answers nothing
      const endless = ask('', 'for POST');
      await assert.rejects(endless, { code: 'ECONNRESET' });
      const { exitCode, message } = await container.exited;
      assert.equal(exitCode, 128 + constants.signals.SIGVTALRM);
      assert.equal(message, 'A request computed on for longer than a request may take');
    });

    it('come and go with no request lost', { timeout: 60_000 }, async () => {
      const { ask, container, count } = await serve();
      let most = 0;
      const isOn = () => {
        most = Math.max(most, count());
        return most < threads || count() > 0;
      };
      const gentle = async () => {
        while (isOn()) {
          assert.equal((await ask('seen')).body, '1');
          await sleep(5);
        }
      };
      const busy = load({ ask }, () => most < threads, 'json');
      await Promise.all([busy, gentle(), gentle(), gentle()]);
      await container.stop(5);
    });

    it('finish what is in flight when the container is stopped', async () => {
      const { ask, container } = await serveByThreads();
      const slow = Array.from({ length: 8 }, () => ask('sleep/500'));
      await sleep(150);
      const { exitCode } = await container.stop(10);
      assert.equal(exitCode, 0);
      for (const { body } of await Promise.all(slow)) assert.equal(body, 'awake');
    });

    it('finish what is in flight when the container is stopped while they end', {
      timeout: 60_000,
    }, async () => {
      const { ask, container } = await serveByThreads();
      const slow = Array.from({ length: 8 }, () => ask('sleep/16000'));
      await sleep(13_000); // they are told to end after ten seconds of rest
      const { exitCode } = await container.stop(10);
      assert.equal(exitCode, 0);
      for (const { body } of await Promise.all(slow)) assert.equal(body, 'awake');
    });

    it('end when the container is busy no more', { timeout: 60_000 }, async () => {
      const { ask, container, count } = await serveByThreads();
      while (count() > 0) {
        assert.equal((await ask('seen')).body, '1');
        await sleep(100);
      }
      assert.equal((await ask('seen')).body, '1');
      await container.stop(5);
    });

    it('end before what they and requests have left is given back', {
      timeout: 60_000,
      skip: start === 'exec',
    }, async () => {
      const { ask, container, count } = await serveByThreads();
      while (count() > 0) await sleep(100);
      const before = privateMemory(container);
      while (privateMemory(container) > before - 4096) await sleep(100);
      assert.equal((await ask('seen')).body, '1');
      await container.stop(5);
    });

    it('are none where requests share state', async () => {
      const served = await serve({ shareState: true });
      const until = performance.now() + 3000;
      await load(served, () => performance.now() < until, 'json');
      assert.equal(served.count(), 0);
      await served.container.stop(5);
    });
  });
}

function codeOf(failure: NodeJS.ErrnoException): string | undefined {
  return failure.code;
}

/** Asks by many clients at once for as long as it is said, and at least once each. */
async function load(
  { ask }: { readonly ask: (route: string) => Promise<Answer> },
  isOn: () => boolean,
  route: string,
): Promise<void> {
  const answers: Answer[] = [];
  const client = async () => {
    do answers.push(await ask(route));
    while (isOn());
  };
  await Promise.all(Array.from({ length: clients }, client));
  const statuses = new Set(answers.map(({ status }) => status));
  assert.equal(statuses.size, 1, [...statuses].join());
}

function ask(agent: Agent, url: string, body?: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const method = body === undefined ? 'GET' : 'POST';
    const sent = request(url, { agent, method }, async (response) => {
      try {
        const chunks = await response.toArray();
        resolve({ status: response.statusCode, body: Buffer.concat(chunks).toString() });
      } catch (failure) {
        reject(failure);
      }
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
