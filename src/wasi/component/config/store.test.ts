import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Command } from '../command.ts';
import { loadProgram } from '../load-program.ts';
import { prepareComponent } from '../prepared-component.ts';
import { componentFixture, testWorld } from '../testing/fixtures.ts';

describe('wasi:config', () => {
  it('gives the configuration, by its name and by that of a draft', async () => {
    const program = loadProgram(prepareComponent(componentFixture('configured')));
    const configuration = new Map([
      ['NAME', 'värde'],
      ['EMPTY', ''],
    ]);
    const world = testWorld({ configuration });
    assert.equal(await new Command(program, world).run(), 0);
    const all = '[("NAME", "värde"), ("EMPTY", "")]';
    assert.deepEqual(world.output.text.trimEnd().split('\n'), [
      'Some("värde")',
      'None',
      all,
      'Some("värde")',
      all,
    ]);
  });
});
