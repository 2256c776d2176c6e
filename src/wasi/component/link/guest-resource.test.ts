import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { GuestTrap } from '../abi/guest-trap.ts';
import { Command } from '../command.ts';
import { loadProgram } from '../load-program.ts';
import { prepareComponent } from '../prepared-component.ts';
import { componentFixture, testWorld } from '../testing/fixtures.ts';

describe('a component with a resource of its own', () => {
  const program = loadProgram(prepareComponent(componentFixture('own-resource')));
  const run = async (args: readonly string[]) =>
    new Command(program, testWorld({ arguments: args })).run();

  it('finds what it put behind a handle, and is told when the handle is dropped', async () => {
    assert.equal(await run(['ä€']), 0);
  });

  it('has its strings in UTF-16', async () => {
    assert.equal(await run(['a€']), 1);
  });

  it('cannot take a handle for one of another type', async () => {
    await assert.rejects(run(['ä€', 'two']), GuestTrap);
  });
});
