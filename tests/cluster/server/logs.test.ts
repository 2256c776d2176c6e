import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { skipWithoutCluster } from '../test-cluster.ts';
import { counting, waiting } from './server-guests.ts';
import { ServerWorkbench } from './server-workbench.ts';

const line = (number: number): string => `line ${String(number).padStart(6, '0')}`;
const lines = (from: number, to: number): string =>
  Array.from({ length: to - from + 1 }, (_, index) => `${line(from + index)}\n`).join('');

describe('kubectl logs', { skip: skipWithoutCluster, timeout: 60_000 }, () => {
  let bench: ServerWorkbench;

  before(async () => {
    bench = await ServerWorkbench.start();
    await bench.create('ended', [{ guest: counting({ lines: 20 }) }], { restartPolicy: 'Never' });
    await bench.until('ended', ({ status }) => status.phase === 'Succeeded');
  });
  after(() => bench[Symbol.asyncDispose]());

  const logs = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await bench.kubectl.run('logs', ...args);
    assert.equal(code, 0, stderr);
    return stdout;
  };

  const options: readonly (readonly [flags: string, output: string])[] = [
    ['', `${lines(1, 20)}done\n`],
    ['--tail=3', `${lines(19, 20)}done\n`],
    ['--tail=0', ''],
    ['--tail=1000', `${lines(1, 20)}done\n`],
    ['--limit-bytes=20', `${line(1)}\n${line(2).slice(0, 8)}`],
    ['--limit-bytes=20 --tail=2', `${line(20)}\ndone\n`],
    ['--since=1h', `${lines(1, 20)}done\n`],
    ['--since-time=2099-01-01T00:00:00Z', ''],
    ['--since-time=2020-01-01T00:00:00Z --tail=1', 'done\n'],
    ['--follow', `${lines(1, 20)}done\n`],
    ['--follow --tail=1', 'done\n'],
    ['--all-containers --prefix --tail=1', '[pod/ended/app] done\n'],
    ['--container=app --tail=1', 'done\n'],
  ];
  for (const [flags, output] of options) {
    it(`prints what ${flags || 'no flag'} asks for`, async () => {
      assert.equal(await logs('ended', ...flags.split(' ').filter((flag) => flag)), output);
    });
  }

  it('prints the time of each line', async () => {
    for (const text of (await logs('ended', '--timestamps')).trim().split('\n')) {
      assert.match(text, /^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z (line \d{6}|done)$/);
    }
  });

  it('prints what was written since a time', async () => {
    await bench.create('paced', [{ guest: counting({ lines: 4, pause: 1100 }) }], {
      restartPolicy: 'Never',
    });
    await bench.until('paced', ({ status }) => status.phase === 'Succeeded');
    const stamped = (await logs('paced', '--timestamps')).split('\n');
    const [third = ''] = stamped[2]?.split(' ') ?? [];
    const since = new Date(Math.floor(Date.parse(third) / 1000) * 1000).toISOString();
    const text = await logs('paced', `--since-time=${since}`);
    assert.equal(text, `${lines(3, 4)}done\n`);
    assert.match(await logs('paced', '--since=1s'), /^(line 000004\n)?(done\n)?$/);
  });

  const refusals: readonly (readonly [args: string, said: RegExp])[] = [
    [
      'ended --previous',
      /\(BadRequest\): previous terminated container "app" in pod "ended" not found$/m,
    ],
    ['ended --container=other', /container other is not valid for pod ended/],
    ['missing', /pods "missing" not found/],
  ];
  for (const [args, said] of refusals) {
    it(`says why there is nothing of ${args}`, async () => {
      const { code, stderr } = await bench.kubectl.run('logs', ...args.split(' '));
      assert.equal(code, 1);
      assert.match(stderr, said);
    });
  }

  it('says that a container waits to start', async () => {
    const envFrom = [{ configMapRef: { name: 'missing' } }];
    await bench.create('waits', [{ guest: waiting, envFrom }]);
    await bench.until(
      'waits',
      ({ status }) =>
        status.containerStatuses[0]?.state.waiting?.reason === 'CreateContainerConfigError',
    );
    const { code, stderr } = await bench.kubectl.run('logs', 'waits');
    assert.equal(code, 1);
    const why = 'container "app" in pod "waits" is waiting to start: CreateContainerConfigError';
    assert.ok(stderr.includes(`(BadRequest): ${why}\n`), stderr);
  });

  it('shows this start and the one before in a crash loop', async () => {
    await bench.create('crashing', [{ guest: counting({ lines: 3, exitCode: 7 }) }]);
    await bench.until(
      'crashing',
      ({
        status: {
          containerStatuses: [app],
        },
      }) => app?.restartCount === 1 && app.state.waiting?.reason === 'CrashLoopBackOff',
    );
    const expected = `${lines(1, 3)}done\n`;
    assert.equal(await logs('crashing'), expected);
    assert.equal(await logs('crashing', '--previous'), expected);
    assert.equal(await logs('crashing', '--follow'), expected);
  });

  it('shows all containers, init containers too', async () => {
    const guest = counting({ lines: 1 });
    await bench.create(
      'many',
      [
        { name: 'one', guest },
        { name: 'two', guest },
      ],
      {
        restartPolicy: 'Never',
      },
    );
    await bench.until('many', ({ status }) => status.phase === 'Succeeded');
    const text = await logs('many', '--all-containers', '--prefix');
    assert.deepEqual(text.trim().split('\n').sort(), [
      '[pod/many/one] done',
      '[pod/many/one] line 000001',
      '[pod/many/two] done',
      '[pod/many/two] line 000001',
    ]);
  });

  it('follows until the container ends, and loses no line over rotations', async () => {
    // 40 MB in lines of 1 KB; a file is rotated at 10 MiB.
    const guest = counting({ lines: 40_000, padding: 989 });
    await bench.create('rotating', [{ guest }], { restartPolicy: 'Never' });
    // kubectl waits for the start of a container from 1.35 on.
    await bench.until('rotating', ({ status }) => status.phase !== 'Pending');
    const child = followed('rotating');
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (chunk) => (text += chunk));
    const [code] = await once(child, 'close');
    assert.equal(code, 0);
    const numbers = text
      .split('\n')
      .filter((each) => each.startsWith('line'))
      .map((each) => Number(each.slice(5, 11)));
    const gap = numbers.findIndex((number, index) => number !== index + 1);
    assert.equal(gap, -1, `line ${gap + 1} is ${numbers[gap]}`);
    assert.equal(numbers.length, 40_000);
    assert.ok(text.endsWith('done\n'));
  });

  it('shows a line soon after it was written', async () => {
    await bench.run('ticking', [{ guest: counting({ lines: 1000, pause: 200 }) }]);
    const child = followed('ticking', '--timestamps', '--tail=0');
    const delays: number[] = [];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      for (const each of text.trim().split('\n')) {
        delays.push(Date.now() - Date.parse(each.split(' ')[0] ?? ''));
      }
    });
    await sleep(2_000);
    child.kill();
    await once(child, 'close');
    const median = delays.sort((a, b) => a - b)[Math.floor(delays.length / 2)] ?? Number.NaN;
    assert.ok(delays.length >= 3 && median < 50, `delays in ms: ${delays.join(' ')}`);
  });

  it('ends when the pod is deleted', async () => {
    await bench.run('deleted', [{ guest: counting({ lines: 1000, pause: 100 }) }]);
    const child = followed('deleted');
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (chunk) => (text += chunk));
    await once(child.stdout, 'data');
    await bench.kubectl.run('delete', 'pod', 'deleted', '--wait=false');
    const [code] = await once(child, 'close');
    assert.equal(code, 0);
    const whole = text.match(/^line \d{6}$/gm) ?? [];
    assert.equal(`${whole.join('\n')}\n`, lines(1, whole.length));
  });

  function followed(pod: string, ...flags: string[]) {
    return bench.kubectl.start('logs', '--follow', pod, ...flags);
  }
});
