import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import { skipWithoutCluster } from '../test-cluster.ts';
import { eventually } from './eventually.ts';
import { waiting } from './server-guests.ts';
import { routes, ServerWorkbench } from './server-workbench.ts';
import { inTerminal } from './terminal.ts';

const megabyte = 1024 * 1024;

for (const route of routes) {
  describe(`kubectl exec, ${route.name}`, { skip: skipWithoutCluster, timeout: 60_000 }, () => {
    let bench: ServerWorkbench;

    before(async () => {
      bench = await ServerWorkbench.start(route);
      await bench.run('target', [
        { guest: waiting, env: [{ name: 'GREETING', value: 'hello' }] },
        { name: 'other', guest: waiting, env: [{ name: 'GREETING', value: 'hi' }] },
      ]);
    });
    after(() => bench[Symbol.asyncDispose]());

    const exec = (...args: string[]) => bench.kubectl.run('exec', 'target', ...args);

    it('prints what the command writes', async () => {
      const { code, stdout, stderr } = await exec('--', 'env');
      assert.equal(code, 0, stderr);
      assert.match(stdout, /^GREETING=hello$/m);
    });

    it('runs in the container that is named', async () => {
      const { stdout } = await exec('--container=other', '--', 'env');
      assert.match(stdout, /^GREETING=hi$/m);
    });

    it("ends with the command's code, its stderr apart", async () => {
      const { code, stdout, stderr } = await exec('--', 'cat', '/missing');
      assert.deepEqual({ code, stdout }, { code: 1, stdout: '' });
      assert.match(stderr, /missing/);
      assert.match(stderr, /command terminated with exit code 1/);
    });

    it('passes stdin on until its end', async () => {
      const { code, stdout } = await bench.kubectl.feed(
        'one\ntwo',
        'exec',
        '-i',
        'target',
        '--',
        'cat',
      );
      assert.deepEqual({ code, stdout }, { code: 0, stdout: 'one\ntwo' });
    });

    it('carries 100 MB in both directions without keeping them', async () => {
      const child = bench.kubectl.start('exec', '-i', 'target', '-c', 'app', '--', 'cat');
      const closed = once(child, 'close');
      const received = createHash('sha256');
      let size = 0;
      let most = 0;
      child.stdout.on('data', (chunk: Buffer) => {
        received.update(chunk);
        size += chunk.length;
        most = Math.max(most, bench.node.residentBytes);
      });
      const before = bench.node.residentBytes;
      const sent = createHash('sha256');
      const block = randomBytes(megabyte);
      for (let count = 0; count < 100; count++) {
        block.writeUInt32LE(count);
        sent.update(block);
        if (!child.stdin.write(Buffer.from(block))) await once(child.stdin, 'drain');
      }
      child.stdin.end();
      const [code] = await closed;
      assert.equal(code, 0);
      assert.equal(size, 100 * megabyte);
      assert.equal(received.digest('hex'), sent.digest('hex'));
      const grown = Math.round((most - before) / megabyte);
      assert.ok(grown < 80, `the node grew by ${grown} MB`);
    });

    it('runs many commands at once', async () => {
      const ask = async (number: number) => {
        const text = `number ${number}`;
        const result = await bench.kubectl.feed(
          text,
          'exec',
          '-i',
          'target',
          '-c',
          'app',
          '--',
          'cat',
        );
        assert.deepEqual(result, { code: 0, stdout: text, stderr: '' });
      };
      await Promise.all(Array.from({ length: 20 }, (_, number) => ask(number)));
    });

    it('gives the command a terminal of the size of the client', async () => {
      const child = inTerminal(bench.kubectl, ['exec', '-it', 'target', '-c', 'app', '--', 'cat']);
      let text = '';
      child.stdout.setEncoding('utf8').on('data', (chunk) => (text += chunk));
      await eventually(() => bench.node.commands === 1);
      child.stdin.write('over\n');
      await eventually(() => text.split('over\r\n').length === 3);
      // Ctrl-D at the start of a line ends the input of a terminal.
      child.stdin.write('\x04');
      const [code] = await once(child, 'close');
      assert.equal(code, 0, text);
      // Once as the terminal's echo and once from the command.
      assert.equal(text, 'over\r\nover\r\n');
    });

    it('ends the command when the client vanishes', async () => {
      const child = bench.kubectl.start('exec', '-i', 'target', '-c', 'app', '--', 'cat');
      child.stdin.write('here\n');
      await once(child.stdout, 'data');
      assert.equal(bench.node.commands, 1);
      child.kill('SIGKILL');
      await once(child, 'close');
      await eventually(() => bench.node.commands === 0);
    });

    const refusals: readonly (readonly [args: string, said: RegExp])[] = [
      ['target --container=missing -- env', /container missing is not valid for pod target/],
      ['target -c app -- no-such-command', /no-such-command/],
      ['missing -- env', /pods "missing" not found/],
    ];
    for (const [args, said] of refusals) {
      it(`says why it refuses ${args}`, async () => {
        const { code, stdout, stderr } = await bench.kubectl.run('exec', ...args.split(' '));
        assert.equal(stdout, '');
        assert.notEqual(code, 0);
        assert.match(stderr, said);
        console.error(args, code, stderr);
      });
    }

    it('says that a container is not running', async () => {
      await bench.create('waits', [
        { guest: waiting },
        { name: 'late', guest: waiting, envFrom: [{ configMapRef: { name: 'missing' } }] },
      ]);
      await bench.until('waits', ({ status }) =>
        status.containerStatuses.some(
          ({ state }) => state.waiting?.reason === 'CreateContainerConfigError',
        ),
      );
      const { code, stderr } = await bench.kubectl.run('exec', 'waits', '-c', 'late', '--', 'env');
      assert.equal(code, 1);
      console.error(stderr);
      assert.match(stderr, /container "late" is not running|container not found/);
    });
  });
}
