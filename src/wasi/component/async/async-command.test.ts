import assert from 'node:assert/strict';
import { closeSync, mkdtempSync, openSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Command, isAsyncCommand } from '../command.ts';
import { loadProgram } from '../load-program.ts';
import { prepareComponent } from '../prepared-component.ts';
import { componentFixture, testWorld } from '../testing/fixtures.ts';
import type { World } from '../world.ts';

const program = loadProgram(prepareComponent(componentFixture('async-command')));

describe('a command of WASI 0.3', () => {
  let directory: string;
  before(() => {
    directory = mkdtempSync(path.join(tmpdir(), 'component-'));
  });
  after(() => rmSync(directory, { recursive: true }));

  async function run(args: readonly string[], over: Partial<World> = {}) {
    const world = testWorld({ arguments: ['command', ...args], ...over });
    const handle = world.system.mounts.open(directory);
    const preopens = [{ guestPath: '/', handle, readOnly: false }];
    try {
      const code = await new Command(program, { ...world, preopens }).run();
      return { code, output: world.output.text };
    } finally {
      world.system.streams.close(handle);
    }
  }

  it('is told from one of 0.2', () => {
    assert.ok(isAsyncCommand(program.plan));
    const { plan } = prepareComponent(componentFixture('command'));
    assert.ok(!isAsyncCommand(plan));
  });

  it('copies standard input to standard output', async () => {
    const file = path.join(directory, 'input');
    writeFileSync(file, 'x'.repeat(200_000));
    const stdin = openSync(file, 'r');
    const { output } = await run(['copy'], { stdin });
    closeSync(stdin);
    assert.equal(output.length, 200_000);
    assert.equal((await run(['copy'])).output, '');
  });

  it('waits for several things at once', async () => {
    const { output } = await run(['sleep', '40', '30']);
    assert.ok(Number(output) >= 40 && Number(output) < 70 + 2000, output);
  });

  it('gives up a call, and goes on', async () => {
    assert.deepEqual(await run(['cancel']), { code: 0, output: 'cancelled\n' });
  });

  it('writes to itself, more than there is room for at once', async () => {
    assert.equal((await run(['pipe', '100000'])).output, 'true\n');
  });

  it('notices that nobody wants what it promised', async () => {
    assert.equal((await run(['future'])).output, 'true\n');
  });

  it('writes, reads and lists files, and does not leave its directory', async () => {
    symlinkSync('/etc/passwd', path.join(directory, 'outside'));
    await run(['write', 'file', 'contents']);
    assert.equal((await run(['read', 'file'])).output, 'contents');
    assert.match((await run(['list'])).output, /file .*outside/);
    assert.match((await run(['read', 'outside'])).output, /NotPermitted/);
    assert.match((await run(['read', '../etc/passwd'])).output, /NotPermitted/);
  });

  it('passes its environment', async () => {
    const environment = [['NAME', 'värde']] as const;
    assert.equal((await run(['environment'], { environment })).output, 'NAME=värde\n');
  });

  it('is stopped where it waits for what cannot happen', async () => {
    const deadlock = loadProgram(prepareComponent(componentFixture('deadlock')));
    await assert.rejects(
      async () => new Command(deadlock, testWorld()).run(),
      /nothing can happen/,
    );
  });

  it('returns its exit code, and throws for a trap', async () => {
    assert.equal((await run(['exit', '7'])).code, 7);
    assert.equal((await run(['fail'])).code, 1);
    await assert.rejects(run(['trap']), WebAssembly.RuntimeError);
  });
});
