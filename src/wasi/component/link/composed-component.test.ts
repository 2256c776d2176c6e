import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { GuestTrap } from '../abi/guest-trap.ts';
import { Command } from '../command.ts';
import { loadProgram } from '../load-program.ts';
import { prepareComponent } from '../prepared-component.ts';
import { componentFixture, testWorld } from '../testing/fixtures.ts';

describe('a command composed of three components', () => {
  const prepared = prepareComponent(componentFixture('composed-command'));
  const program = loadProgram(prepared);
  const run = async (what: string) => new Command(program, testWorld({ arguments: [what] })).run();

  it('has handles of its own in each of them', () => {
    assert.equal(prepared.plan.parts, 3);
  });

  it('passes numbers and handles, and destroys what is dropped elsewhere', async () => {
    assert.equal(await run('values'), 0);
  });

  it('passes strings from one encoding to another', async () => {
    assert.equal(await run('sé€'), 0);
  });

  const traps = {
    'escape of an exception': [/an exception left the component/],
    'post-return that calls somebody': [/Cannot leave the component/],
    'forgotten borrowed handle': [/a borrowed handle was not dropped/],
    'lent handle that is given away': [/it is lent/],
    'use of a handle that was given away': [/Cannot use handle/],
  } as const;
  for (const [what, [message]] of Object.entries(traps)) {
    it(`is ended by ${what}`, async () => {
      await assert.rejects(run(what), (error) => {
        assert.ok(error instanceof GuestTrap);
        assert.match(error.message, message);
        return true;
      });
    });
  }
});

describe('a command composed of components that wait for each other', () => {
  const program = loadProgram(prepareComponent(componentFixture('composed-async')));

  it('calls in turn, at once, with a stream, and gives up', async () => {
    assert.equal(await new Command(program, testWorld()).run(), 0);
  });
});
