import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { guests } from '../../../tests/runtime/guests.ts';
import { TestContainers, testUser } from '../../../tests/runtime/test-containers.ts';
import type { StartForm } from '../container-spec.ts';
import { ContainerStartError } from '../container-starter.ts';
import { readProcessRecord } from '../state/process-record.ts';

for (const form of ['fork', 'exec'] satisfies StartForm[]) {
  describe(`ZygoteStarter, ${form}`, () => {
    const containers = new TestContainers(form);
    after(() => containers[Symbol.asyncDispose]());

    it('runs a guest with its log and its exit code', async () => {
      const container = containers.create({ modulePath: containers.module('m', guests.hello(0)) });
      const started = await containers.start(container);
      const { exitCode, reason, signal, message } = await container.ended();
      assert.equal(started.form, form);
      assert.deepEqual(started.missing, []);
      assert.deepEqual(
        { exitCode, reason, signal, message },
        { exitCode: 0, reason: 'Completed', signal: undefined, message: undefined },
      );
      assert.equal(container.output, 'hello\n');
    });

    for (const [asked, shown] of [
      [1, 1],
      [134, 134],
      [255, 255],
      [256, 0],
      [-1, 255],
    ] as const) {
      it(`shows proc_exit(${asked}) as ${shown}`, async () => {
        const modulePath = containers.module('m', guests.hello(asked));
        const { exitCode } = await containers.run(containers.create({ modulePath }));
        assert.equal(exitCode, shown);
      });
    }

    it('shows a trap as 134, its message in the record and its stack in the log', async () => {
      const container = containers.create({ modulePath: containers.module('m', guests.trap) });
      const { exitCode, reason, message } = await containers.run(container);
      assert.deepEqual(
        { exitCode, reason, message },
        { exitCode: 134, reason: 'Error', message: 'Guest trapped: unreachable' },
      );
      assert.match(container.output, /^Guest trapped: unreachable\n +at .*inner.*\n +at .*outer/);
    });

    it('shows the signal that ended a guest in an endless loop', async () => {
      const modulePath = containers.module('m', guests.spin);
      for (const [name, number] of [
        ['SIGTERM', 15],
        ['SIGKILL', 9],
      ] as const) {
        const container = containers.create({ modulePath });
        const { pid } = await containers.start(container);
        process.kill(-pid, name);
        const { exitCode, signal, reason } = await container.ended();
        assert.deepEqual(
          { exitCode, signal, reason },
          { exitCode: 128 + number, signal: number, reason: 'Error' },
        );
      }
    });

    it('says why a module cannot be run', async () => {
      const garbage = path.join(containers.directory, 'garbage.wasm');
      writeFileSync(garbage, 'not a module');
      for (const [modulePath, expected] of [
        [garbage, /magic word/],
        [containers.module('m', guests.unlinkable), /env\.launch_missiles/],
      ] as const) {
        const record = await containers.run(containers.create({ modulePath }));
        assert.equal(record.reason, 'ContainerCannotRun');
        assert.match(record.message ?? '', expected);
      }
    });

    it('refuses what it cannot open, and records that', async () => {
      const container = containers.create({
        modulePath: containers.module('m', guests.hello(0)),
        mounts: [{ hostPath: '/does/not/exist', guestPath: '/data', readOnly: false }],
      });
      await assert.rejects(
        containers.start(container),
        (error) =>
          error instanceof ContainerStartError &&
          error.code === 'PreparationFailed' &&
          /\/does\/not\/exist/.test(error.message),
      );
      assert.equal((await container.ended()).reason, 'ContainerCannotRun');
    });

    it('starts a container only once', async () => {
      const container = containers.create({ modulePath: containers.module('m', guests.spin) });
      await containers.start(container);
      await assert.rejects(containers.start(container), /started or given up/);
    });

    it('starts nothing for a caller who has gone', async () => {
      const container = containers.create({ modulePath: containers.module('m', guests.spin) });
      await assert.rejects(
        containers.start(container, AbortSignal.abort(new Error('gone'))),
        /gone/,
      );
      assert.equal(readProcessRecord(container.directory), undefined);
    });

    it('takes privileges away from every thread', async () => {
      const container = containers.create({ modulePath: containers.module('m', guests.spin) });
      const { pid } = await containers.start(container);
      const threads = readdirSync(`/proc/${pid}/task`);
      assert.ok(form === 'exec' || threads.length === 1);
      for (const thread of threads) {
        const status = statusOf(`/proc/${pid}/task/${thread}/status`);
        assert.equal(status.get('Uid'), Array(4).fill(testUser.uid).join('\t'));
        assert.equal(status.get('Gid'), Array(4).fill(testUser.gid).join('\t'));
        assert.equal(status.get('NoNewPrivs'), '1');
        assert.equal(status.get('Seccomp'), '2');
        for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapAmb']) {
          assert.equal(status.get(set), '0000000000000000', set);
        }
      }
    });

    it('gives the process a name, a session and the first place to die', async () => {
      const container = containers.create({ modulePath: containers.module('m', guests.spin) });
      const { pid } = await containers.start(container);
      assert.ok(
        readFileSync(`/proc/${pid}/cmdline`, 'utf8').startsWith(`krustlet: ${container.spec.id}`),
      );
      assert.equal(readFileSync(`/proc/${pid}/oom_score_adj`, 'utf8').trim(), '900');
      const [, , group, session] =
        readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
      assert.deepEqual([group, session], [String(pid), String(pid)]);
    });

    it('rotates the log from inside the sandbox', async () => {
      const container = containers.create({ modulePath: containers.module('m', guests.chatter) });
      const { log } = container.spec;
      Object.assign(log, { maxBytes: 40_000 });
      writeFileSync(path.join(container.directory, 'spec.json'), JSON.stringify(container.spec));
      assert.equal((await containers.run(container)).exitCode, 0);
      assert.deepEqual(readdirSync(path.dirname(log.path)).sort(), ['0.log', '0.log.1', '0.log.2']);
      assert.match(container.output, /^(x{99}\n)+$/);
    });

    it('lets memory grow only as far as the limit', async () => {
      const modulePath = containers.module('m', guests.hungry);
      const limits = { memoryBytes: 100 * 64 * 1024 };
      const { exitCode } = await containers.run(containers.create({ modulePath, limits }));
      assert.equal(exitCode, 100);
    });
  });
}

function statusOf(file: string): Map<string, string> {
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  return new Map(
    lines.map((line): [string, string] => {
      const [name = '', ...value] = line.split(':');
      return [name, value.join(':').trim()];
    }),
  );
}
