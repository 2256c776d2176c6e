import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Worker } from 'node:worker_threads';
import { GuestThreads, type GuestThreadsComponents } from './guest-threads.ts';
import { ThreadClient } from './thread-client.ts';
import { serverMemory, threadMemory } from './thread-memory.ts';

/** Takes connections, and works for a while on each. */
const thread = `const { parentPort } = require('node:worker_threads');
  parentPort.on('message', ({ kind }) => {
    const end = performance.now() + 1500;
    while (kind === 'connection' && performance.now() < end);
  });
  parentPort.postMessage({ kind: 'ready' });`;

describe('GuestThreads', () => {
  it('takes no connections while there are none, and knows when there cannot be any', () => {
    const start = () => {
      throw new Error('EAGAIN');
    };
    const unexpected = () => assert.fail();
    const threads = new GuestThreads(
      { start, seize: unexpected },
      { requestTimeout: 1000, onReady: unexpected, onWarm: unexpected, onConnection: unexpected },
    );
    assert.equal(threads.serve(5), false);
    assert.equal(threads.hasFailed, false);
    assert.throws(() => threads.become(2, { atOnce: true }), /EAGAIN/);
    assert.deepEqual([threads.count, threads.hasFailed], [0, true]);
  });

  /** Threads that are real, and what they have told of themselves. */
  function open() {
    const ready = Promise.withResolvers<void>();
    const warm = Promise.withResolvers<void>();
    const workers: Worker[] = [];
    const memory = serverMemory();
    const start: GuestThreadsComponents['start'] = (init) => {
      const worker = new Worker(thread, { eval: true });
      workers.push(worker);
      const own = threadMemory(memory, workers.length);
      const nowhere = { write: () => assert.fail() };
      const parts = { worker, memory: own, stdout: nowhere, stderr: nowhere };
      return new ThreadClient(parts, { ...init, say: () => assert.fail() });
    };
    const init = {
      requestTimeout: 60_000,
      onReady: ready.resolve,
      onWarm: warm.resolve,
      onConnection: () => {}, // they come back at the end
    };
    return {
      threads: new GuestThreads({ start, seize: () => -1 }, init),
      workers,
      ready: ready.promise,
      warm: warm.promise,
      [Symbol.asyncDispose]: async () => {
        await Promise.all(workers.map((worker) => worker.terminate()));
      },
    };
  }

  it('has a thread take one connection until it is warm, and starts the next one then', async () => {
    await using opened = open();
    const { threads, workers } = opened;
    threads.become(2, { atOnce: false });
    assert.deepEqual([threads.count, workers.length], [2, 1]);
    await opened.ready;
    assert.deepEqual([threads.serve(5), threads.serve(6)], [true, false]);
    threads.become(2, { atOnce: false });
    assert.equal(workers.length, 1);
    await opened.warm;
    assert.equal(threads.serve(6), true);
    threads.become(2, { atOnce: false });
    assert.equal(workers.length, 2);
  });

  it('starts all of them at once where it is told to', async () => {
    await using opened = open();
    opened.threads.become(2, { atOnce: true });
    assert.deepEqual([opened.threads.count, opened.workers.length], [2, 2]);
  });
});
