import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Command } from '../command.ts';
import { loadProgram } from '../load-program.ts';
import { prepareComponent } from '../prepared-component.ts';
import { componentFixture, testWorld } from '../testing/fixtures.ts';
import { GuestTrap } from './guest-trap.ts';

describe('UncatchableError', () => {
  const program = loadProgram(prepareComponent(componentFixture('catch-all')));
  const run = async (args: readonly string[]) =>
    new Command(program, testWorld({ arguments: args })).run();

  it('ends a guest that catches everything, where it exits', async () => {
    assert.equal(await run([]), 1);
  });

  it('ends it where it breaks a rule', async () => {
    await assert.rejects(run(['x']), GuestTrap);
  });

  it('ends it where an exception of its own leaves its allocator', async () => {
    await assert.rejects(run(['x', 'x', 'x']), /an exception left the component/);
  });

  it('is of its class, and says what any other error says', () => {
    const cause = new Error('why');
    const error = new GuestTrap('Cannot go on', { cause });
    assert.ok(error instanceof GuestTrap && error instanceof Error);
    assert.deepEqual(
      [error.name, error.code, error.message, error.cause],
      ['GuestTrap', 'GuestTrap', 'Cannot go on', cause],
    );
    assert.match(error.stack ?? '', /^Error: Cannot go on\n.*uncatchable-error\.test/);
    assert.equal('cause' in new GuestTrap('Cannot go on'), false);
  });
});
