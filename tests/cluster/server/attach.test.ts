import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import { skipWithoutCluster } from '../test-cluster.ts';
import { eventually } from './eventually.ts';
import { counting, echoing, echoingOnce } from './server-guests.ts';
import { routes, ServerWorkbench } from './server-workbench.ts';
import { TerminalSession } from './terminal.ts';

for (const route of routes) {
  describe(`kubectl attach, ${route.name}`, { skip: skipWithoutCluster, timeout: 60_000 }, () => {
    let bench: ServerWorkbench;

    before(async () => {
      bench = await ServerWorkbench.start(route);
    });
    after(() => bench[Symbol.asyncDispose]());

    it('shows what is written from now on, to the end', async () => {
      await bench.run('counting', [{ guest: counting({ lines: 15, pause: 200 }) }], {
        restartPolicy: 'Never',
      });
      const { code, stdout, stderr } = await bench.kubectl.run('attach', 'counting', '--quiet');
      assert.equal(code, 0, stderr);
      const numbers = stdout.match(/^line \d{6}$/gm) ?? [];
      assert.ok(numbers.length < 15, 'it shows what was written before');
      assert.equal(numbers.at(-1), 'line 000015');
      assert.equal(stderr, 'done\n');
    });

    it('writes to stdin, and its end is the end of a stdin that is open once', async () => {
      await bench.run('once', [{ guest: echoingOnce, stdin: true, stdinOnce: true }], {
        restartPolicy: 'Never',
      });
      const { code, stdout, stderr } = await bench.kubectl.feed(
        'a\nb\n',
        'attach',
        '-i',
        'once',
        '--quiet',
      );
      assert.equal(code, 0, stderr);
      assert.equal(stdout, 'a\nb\n');
      await bench.until('once', ({ status }) => status.phase === 'Succeeded');
    });

    it('lets one client after the other write to a stdin that stays open', async () => {
      await bench.run('kept', [{ guest: echoing, stdin: true }]);
      for (const text of ['first\n', 'second\n']) {
        const child = bench.kubectl.start('attach', '-i', 'kept', '--quiet');
        child.stdin.write(text);
        let answer = '';
        child.stdout.setEncoding('utf8').on('data', (chunk) => (answer += chunk));
        await eventually(
          () => answer === text,
          () => answer,
          5,
        );
        child.kill();
        await once(child, 'close');
      }
      const { status } = await bench.until('kept', () => true);
      assert.equal(status.containerStatuses[0]?.restartCount, 0);
    });

    it('is a terminal where the container has one: it echoes, has a size, and ^C interrupts', async () => {
      const spec = { guest: echoing, stdin: true, tty: true };
      await bench.run('terminal', [spec], { restartPolicy: 'Never' });
      await using session = new TerminalSession(bench.kubectl, ['attach', '-it', 'terminal']);
      await session.shows('press');
      session.type('oops\x7f\x7f\x7f\x7fover\r');
      await session.shows('over\r\nover\r\n');
      await eventually(() => bench.node.terminalSizes.includes('17 91'));
      session.type('\x03');
      await session.shows('^C');
      const { status } = await bench.until('terminal', ({ status }) => status.phase === 'Failed');
      assert.equal(status.containerStatuses[0]?.state.terminated?.exitCode, 130);
    });

    it('runs a pod in a terminal, whose ^D is the end of input', async () => {
      const image = `file:${bench.moduleFile('run', echoingOnce)}`;
      const containers = [{ name: 'run', image }]; // kubectl itself knows only names of registries
      const spec = { nodeName: bench.node.name, tolerations: [{ operator: 'Exists' }], containers };
      const overrides = ['--override-type=strategic', '--overrides', JSON.stringify({ spec })];
      const options = ['--restart=Never', '--image=guest', ...overrides];
      await using session = new TerminalSession(bench.kubectl, ['run', '-it', 'run', ...options]);
      await session.shows('press');
      session.type('typed\r');
      await session.shows('typed\r\ntyped\r\n');
      session.type('\x04');
      assert.equal(await session.ended, 0);
      await bench.until('run', ({ status }) => status.phase === 'Succeeded');
    });

    it('says that a container has no stdin', async () => {
      await bench.run('deaf', [{ guest: echoing }]);
      const { code, stderr } = await bench.kubectl.run('attach', '-i', 'deaf', '--quiet');
      assert.equal(code, 1);
      assert.match(stderr, /container "app" has no stdin: set stdin: true in its spec/);
    });
  });
}
