import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { awaitReport } from './await-report.ts';

describe('awaitReport', () => {
  for (const ended of [true, false]) {
    it(`kills a child that talks nonsense ${ended ? 'not after its end' : 'if it runs'}`, async () => {
      // Of a child that has been reaped, it is who has the pid now.
      const process = spawn('sleep', ['60']);
      await once(process, 'spawn');
      const killed = once(process, 'exit').then(([, signal]) => signal);
      const end = ended
        ? Promise.resolve({ kind: 'exited', code: 0 } as const)
        : killed.then(() => ({ kind: 'signaled', signal: 9 }) as const);
      const report = Readable.from(['nonsense\n']);
      const { pid = 0 } = process;
      const { signal } = new AbortController();
      const { kind } = await awaitReport({ pid, form: 'fork', report, end }, { signal });
      assert.equal(kind, 'failed');
      const outcome = await Promise.race([killed, sleep(ended ? 100 : 5_000, 'lives')]);
      process.kill();
      assert.equal(outcome, ended ? 'lives' : 'SIGKILL');
    });
  }
});
