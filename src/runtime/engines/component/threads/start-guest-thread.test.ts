import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type HttpAnswer,
  HttpContainer,
  type HttpContainerInit,
} from '../../../../../tests/runtime/http-container.ts';
import { logOf, TestRuntime } from '../../../../../tests/runtime/test-runtime.ts';
import type { StartForm } from '../../../container-spec.ts';

const fixtures = path.resolve(import.meta.dirname, '../../../../../tests/fixtures/components');
const routes = path.join(fixtures, 'http-routes.wasm');
const loop = path.join(fixtures, 'http-loop.wasm');
const threads = 2;
const logLine = /^\d{4}-\d\d-\d\dT[\d:.]+Z stderr F /;

for (const start of ['fork', 'exec'] satisfies StartForm[]) {
  describe(`guest threads, ${start}`, () => {
    const test = new TestRuntime();
    after(() => test[Symbol.asyncDispose]());

    async function serve({ serving, changes }: HttpContainerInit = {}, component = routes) {
      return await HttpContainer.start(test, component, {
        serving: { threads, ...serving },
        changes: { start, ...changes },
      });
    }

    /** A container whose requests are answered by threads. */
    async function serveByThreads(init?: HttpContainerInit) {
      const served = await serve(init);
      await served.busyThreads(threads);
      return served;
    }

    it('start where a container is busy, are confined as it is, and answer as it does', async () => {
      await using served = await serveByThreads();
      const fields = /^(?:Uid|Gid|Groups|NoNewPrivs|Seccomp|CapEff|CapPrm|CapBnd):.*$/gm;
      const all = readdirSync(`/proc/${served.container.pid}/task`);
      const kinds = all.map((thread) => served.statusOf(thread).match(fields)?.join(' '));
      assert.equal(new Set(kinds).size, 1);
      assert.match(kinds[0] ?? '', /CapEff:\s+0+ .*NoNewPrivs:\s+1 .*Seccomp:\s+2/);
      const seen = await served.askAll(40, 'seen');
      assert.deepEqual(new Set(seen.map(({ body }) => body)), new Set(['1']));
      const body = 'x'.repeat(1_000_000);
      const echoes = await Promise.all(Array.from({ length: 4 }, () => served.ask('echo', body)));
      for (const echo of echoes) assert.equal(echo.body, body);
      assert.equal((await served.ask('big/3000000')).body.length, 3_000_000);
      assert.equal((await served.ask('drip')).body, '0\n1\n2\n3\n4\n');
      assert.deepEqual(await served.ask('status/404'), { status: 404, body: '' });
    });

    it('have a trap be the end of one request, and say so in whole lines', async () => {
      await using served = await serveByThreads();
      const [trapped, awake] = await Promise.all([
        served.askAll(20, 'trap'),
        served.askAll(20, 'sleep/50'),
      ]);
      assert.deepEqual(statusesOf(trapped), new Set([500]));
      assert.deepEqual(statusesOf(awake), new Set([200]));
      await served.container.stop(5);
      const lines = readFileSync(served.container.spec.log.path, 'utf8').trimEnd().split('\n');
      for (const line of lines) assert.match(line, logLine);
      assert.equal(lines.filter((line) => line.endsWith('as asked')).length, 20);
    });

    it('write whole lines, each once, while the log is rotated', async () => {
      const directory = mkdtempSync(path.join(test.dataDir, 'rotated-'));
      const log = { path: path.join(directory, '0.log'), maxBytes: 8192, maxFiles: 100 };
      await using served = await serveByThreads({ changes: { log } });
      for (let round = 0; round < 5; round++) await served.askAll(20, 'trap');
      await served.container.stop(5);
      const files = readdirSync(directory);
      assert.ok(files.length > 2, files.join());
      const lines = files.flatMap((file) =>
        readFileSync(path.join(directory, file), 'utf8').trimEnd().split('\n'),
      );
      for (const line of lines) assert.match(line, logLine);
      assert.equal(lines.filter((line) => line.endsWith('as asked')).length, 100);
    });

    it('serve a connection in the thread that has it', async () => {
      await using served = await serveByThreads();
      const sleeps = () => served.threads.map((thread) => served.sleepsOf(thread));
      const [rounds, questions] = [20, 25];
      let [asked, inOneThread, before] = [0, 0, sleeps()];
      for await (const { status } of served.askInTurn(rounds * questions, 'json')) {
        assert.equal(status, 200);
        asked += 1;
        if (asked % questions > 0) continue;
        const now = sleeps();
        const [most = 0, ...others] = now
          .map((count, index) => count - (before[index] ?? 0))
          .toSorted((one, other) => other - one);
        if (others.every((count) => count < most / 4)) inOneThread += 1;
        before = now;
      }
      // Not in all of them: a thread may still compile, and the connection may be moved once.
      assert.ok(inOneThread > rounds / 2, `in ${inOneThread} of ${rounds} rounds`);
    });

    it('are killed with their container, and their clients hear of it', async () => {
      await using served = await serveByThreads();
      const slow = Array.from({ length: 8 }, () => served.ask('sleep/60000').catch(codeOf));
      await sleep(150);
      const { pid } = served.container;
      assert.equal((await served.container.stop(0)).exitCode, 137);
      assert.deepEqual(new Set(await Promise.all(slow)), new Set(['ECONNRESET']));
      assert.throws(() => readdirSync(`/proc/${pid}/task`), { code: 'ENOENT' });
    });

    it('keep to the limits of time, size and number', async () => {
      await using served = await serveByThreads({
        serving: {
          accessLog: true,
          requestTimeout: 400,
          maximumBodySize: 1000,
          maximumConcurrency: 16,
        },
      });
      assert.deepEqual(statusesOf(await served.askAll(6, 'sleep/5000')), new Set([504]));
      const large = await served.ask('echo', 'x'.repeat(2000)).catch(() => undefined);
      assert.notEqual(large?.body.length, 2000);
      assert.equal((await served.ask('seen')).body, '1');
      await served.container.stop(5);
      assert.match(logOf(served.container), /GET \/sleep\/5000 504/);
    });

    it('have no more requests running together than may', async () => {
      await using served = await serveByThreads({ serving: { maximumConcurrency: 3 } });
      const begin = performance.now();
      const naps = await served.askAll(12, 'sleep/250');
      assert.deepEqual(new Set(naps.map(({ body }) => body)), new Set(['awake']));
      assert.ok(performance.now() - begin >= 4 * 250);
    });

    it('are ended with a guest that computes without end, and the others go on', async () => {
      await using served = await serve({ serving: { requestTimeout: 500 } }, loop);
      await served.busyThreads(threads, '');
      const before = served.threads;
      const endless = served.ask('', 'for POST');
      // Over the connections of that thread as well: none of them is lost.
      const others = served.askAll(12, '');
      assert.equal((await endless).status, 504);
      assert.deepEqual(statusesOf(await others), new Set([500])); // it answers nothing
      while (before.every((thread) => served.threads.includes(thread))) await sleep(20);
      assert.equal((await served.ask('')).status, 500);
      assert.equal((await served.container.stop(5)).exitCode, 0);
    });

    it('are not needed to end a container whose guest computes without end', async () => {
      await using served = await serve({ serving: { requestTimeout: 300, threads: 1 } }, loop);
      assert.equal((await served.ask('')).status, 500); // it answers nothing
      await assert.rejects(served.ask('', 'for POST'), { code: 'ECONNRESET' });
      const { exitCode, message } = await served.container.exited;
      assert.equal(exitCode, 128 + constants.signals.SIGVTALRM);
      assert.equal(message, 'A request computed on for longer than a request may take');
    });

    it('come and go with no request lost', { timeout: 60_000 }, async () => {
      await using served = await serve();
      let most = 0;
      const isOn = () => {
        most = Math.max(most, served.threads.length);
        return most < threads || served.threads.length > 0;
      };
      const gentle = async () => {
        while (isOn()) {
          assert.equal((await served.ask('seen')).body, '1');
          await sleep(5);
        }
      };
      const busy = served.busyUntil(() => most >= threads);
      await Promise.all([busy, gentle(), gentle(), gentle()]);
    });

    it('finish what is in flight when the container is stopped', async () => {
      await using served = await serveByThreads();
      const slow = served.askAll(8, 'sleep/500');
      await sleep(150);
      assert.equal((await served.container.stop(10)).exitCode, 0);
      for (const { body } of await slow) assert.equal(body, 'awake');
    });

    it('finish what is in flight when the container is stopped while they end', {
      timeout: 60_000,
    }, async () => {
      await using served = await serveByThreads();
      const slow = served.askAll(8, 'sleep/16000');
      await sleep(13_000); // they are told to end after ten seconds of rest
      assert.equal((await served.container.stop(10)).exitCode, 0);
      for (const { body } of await slow) assert.equal(body, 'awake');
    });

    it('end when the container is busy no more', { timeout: 60_000 }, async () => {
      await using served = await serveByThreads();
      while (served.threads.length > 0) {
        assert.equal((await served.ask('seen')).body, '1');
        await sleep(100);
      }
      assert.equal((await served.ask('seen')).body, '1');
    });

    it('end before what they and requests have left is given back', {
      timeout: 90_000,
      skip: start === 'exec',
    }, async () => {
      await using served = await serveByThreads();
      while (served.threads.length > 0) await sleep(100);
      const before = served.privateMemory();
      while (served.privateMemory() > before - 4096) await sleep(100);
      assert.equal((await served.ask('seen')).body, '1');
    });

    it('are none where requests share state', async () => {
      await using served = await serve({ serving: { shareState: true } });
      const until = performance.now() + 3000;
      await served.busyUntil(() => performance.now() >= until);
      assert.deepEqual(served.threads, []);
    });
  });
}

function statusesOf(answers: readonly HttpAnswer[]): ReadonlySet<number | undefined> {
  return new Set(answers.map(({ status }) => status));
}

function codeOf(failure: NodeJS.ErrnoException): string | undefined {
  return failure.code;
}
