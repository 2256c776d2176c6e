import assert from 'node:assert/strict';
import { closeSync, mkdtempSync, openSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Command } from './command.ts';
import { loadProgram } from './load-program.ts';
import { prepareComponent } from './prepared-component.ts';
import { componentFixture, testWorld } from './testing/fixtures.ts';
import type { World } from './world.ts';

const program = loadProgram(prepareComponent(componentFixture('command')));

describe('Command', () => {
  let directory: string;
  before(() => {
    directory = mkdtempSync(path.join(tmpdir(), 'component-'));
  });
  after(() => rmSync(directory, { recursive: true }));

  async function run(
    args: readonly string[],
    over: Partial<World> = {},
    readOnly = false,
  ): Promise<{ code: number; output: string }> {
    const world = testWorld({ arguments: ['command', ...args], ...over });
    const handle = world.system.mounts.open(directory);
    const preopens = [{ guestPath: '/', handle, readOnly }];
    try {
      const code = await new Command(program, { ...world, preopens }).run();
      return { code, output: world.output.text };
    } finally {
      world.system.streams.close(handle);
    }
  }

  it('passes arguments and environment', async () => {
    assert.deepEqual(await run(['arguments', 'a', 'ü']), { code: 0, output: 'arguments,a,ü\n' });
    const environment = [['NAME', 'värde']] as const;
    assert.deepEqual(await run(['environment'], { environment }), {
      code: 0,
      output: 'NAME=värde\n',
    });
  });

  it('reads standard input to its end', async () => {
    const file = path.join(directory, 'input');
    writeFileSync(file, 'x'.repeat(200_000));
    const stdin = openSync(file, 'r');
    const { output } = await run(['echo'], { stdin });
    closeSync(stdin);
    assert.equal(output.length, 200_000);
    assert.equal((await run(['echo'])).output, '');
  });

  it('returns the exit code, and throws for a trap', async () => {
    assert.equal((await run(['exit', '1'])).code, 1);
    assert.equal((await run(['exit', '0'])).code, 0);
    await assert.rejects(run(['panic']), WebAssembly.RuntimeError);
  });

  it('sleeps as long as it is told', async () => {
    const { output } = await run(['sleep', '30']);
    assert.ok(Number(output) >= 30 && Number(output) < 1000, output);
  });

  it('writes, appends, reads and lists files', async () => {
    await run(['write', '/file', 'one']);
    await run(['append', '/file', ' two']);
    assert.equal((await run(['read', '/file'])).output, 'one two');
    assert.match((await run(['list', '/'])).output, /file/);
    assert.deepEqual(await run(['tree', '/tree']), { code: 0, output: '5\n' });
  });

  it('keeps the guest inside of its directory', async () => {
    symlinkSync('/etc/passwd', path.join(directory, 'absolute'));
    symlinkSync('../../../../etc/passwd', path.join(directory, 'relative'));
    for (const name of ['/../../../etc/passwd', '/absolute', '/relative']) {
      const { output } = await run(['read', name]);
      assert.match(output, /PermissionDenied|NotFound/, `${name}: ${output.slice(0, 80)}`);
    }
  });

  it('gives out no sockets', async () => {
    assert.equal((await run(['connect', '127.0.0.1:1'])).output, 'PermissionDenied\n');
  });

  it('writes nothing where a mount is read-only', async () => {
    await assert.rejects(run(['write', '/new', 'x'], {}, true), WebAssembly.RuntimeError);
    assert.doesNotMatch((await run(['list', '/'])).output, /new/);
  });
});
