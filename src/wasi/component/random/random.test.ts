import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { GuestTrap } from '../abi/guest-trap.ts';
import { Command } from '../command.ts';
import { loadProgram } from '../load-program.ts';
import { prepareComponent } from '../prepared-component.ts';
import { componentFixture, testWorld } from '../testing/fixtures.ts';

const program = loadProgram(prepareComponent(componentFixture('command')));

async function outputOf(...args: readonly string[]): Promise<string> {
  const world = testWorld({ arguments: ['command', ...args] });
  await new Command(program, world).run();
  return world.output.text;
}

describe('wasi:random', () => {
  it('gives bytes and numbers that were not given before', async () => {
    const outputs = await Promise.all(Array.from({ length: 20 }, () => outputOf('random')));
    const given = outputs.flatMap((output) => output.trim().split(/\s/));
    assert.equal(given.length, 20 * 6);
    assert.equal(new Set(given).size, given.length);
  });

  it('gives as many bytes as are asked for, within reason', async () => {
    for (const length of ['0', '1', '65537', '16777216']) {
      assert.equal(await outputOf('bytes', length), `${length}\n`);
    }
    for (const length of ['16777217', '18446744073709551615']) {
      await assert.rejects(outputOf('bytes', length), (error) => {
        assert.ok(error instanceof GuestTrap);
        assert.match(error.message, new RegExp(`${length} random bytes: too many`));
        return true;
      });
    }
  });
});
