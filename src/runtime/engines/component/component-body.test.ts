import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { collectingStreams, logOf, TestRuntime } from '../../../../tests/runtime/test-runtime.ts';
import type { ContainerSpec } from '../../container-spec.ts';

const fixtures = path.resolve(import.meta.dirname, '../../../../tests/fixtures/components');
const command = path.join(fixtures, 'command.wasm');

for (const start of ['fork', 'exec'] as const) {
  describe(`componentBody, ${start}`, () => {
    const test = new TestRuntime();
    after(() => test[Symbol.asyncDispose]());

    async function run(args: readonly string[], over?: Partial<ContainerSpec>) {
      const spec = test.spec(command, { start, args: ['command', ...args], ...over });
      const container = await test.runtime.start(spec);
      return { container, exit: await container.exited };
    }

    it('gives a command its arguments, environment and exit code', async () => {
      const { container } = await run(['arguments', 'a', 'ü']);
      assert.equal(logOf(container), 'arguments,a,ü\n');
      const env = [{ name: 'NAME', value: 'värde' }];
      assert.equal(logOf((await run(['environment'], { env })).container), 'NAME=värde\n');
      assert.equal((await run(['exit', '1'])).exit.exitCode, 1);
    });

    it('gives it random bytes that its siblings do not have', async () => {
      const siblings = await Promise.all(Array.from({ length: 4 }, () => run(['random'])));
      const given = siblings.flatMap(({ container }) => logOf(container).trim().split(/\s/));
      assert.equal(given.length, 4 * 6);
      assert.equal(new Set(given).size, given.length);
    });

    it('gives it its mounts, and nothing else', async () => {
      const hostPath = path.join(test.dataDir, 'mount');
      mkdirSync(hostPath, { mode: 0o777 });
      const mounts = [{ hostPath, guestPath: '/data', readOnly: false }];
      const user = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0, groups: [] };
      const { container } = await run(['tree', '/data/tree'], { mounts, user });
      assert.equal(logOf(container), '5\n');
      const { container: other } = await run(['read', '/etc/passwd'], { mounts, user });
      assert.match(logOf(other), /NotFound|PermissionDenied/);
    });

    it('logs a trap with its stack and ends with 134', async () => {
      const { container, exit } = await run(['panic']);
      assert.equal(exit.exitCode, 134);
      assert.match(exit.message ?? '', /Guest trapped: unreachable/);
      assert.match(logOf(container), /as asked[\s\S]*Guest trapped[\s\S]*wasm:\/\//);
    });

    it('ends with 134 for an exception that nothing catches', async () => {
      const args = ['command', 'two'];
      const spec = test.spec(path.join(fixtures, 'catch-all.wasm'), { start, args });
      const container = await test.runtime.start(spec);
      const { exitCode, message } = await container.exited;
      assert.deepEqual([exitCode, message], [134, 'Guest trapped: nothing caught its exception']);
      assert.match(logOf(container), /nothing caught its exception/);
    });

    it('runs a command of WASI 0.3, which waits on the event loop', async () => {
      const args = ['command', 'sleep', '20', '10'];
      const spec = test.spec(path.join(fixtures, 'async-command.wasm'), { start, args });
      const container = await test.runtime.start(spec);
      assert.equal((await container.exited).exitCode, 0);
      assert.ok(Number(logOf(container)) >= 20);
    });

    it('runs it once more beside itself, with other arguments', async () => {
      const spec = test.spec(command, { start, args: ['command', 'sleep', '60000'] });
      const container = await test.runtime.start(spec);
      const { streams, output } = collectingStreams();
      const end = await container.exec(
        { command: ['command', 'arguments', 'x'], tty: false },
        streams,
      );
      assert.deepEqual([end.exitCode, (await output()).stdout], [0, 'arguments,x\n']);
    });
  });
}
