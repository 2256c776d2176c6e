import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { GuestTrap } from '../abi/guest-trap.ts';
import { loadProgram } from '../load-program.ts';
import { prepareComponent } from '../prepared-component.ts';
import { componentFixture, testWorld } from '../testing/fixtures.ts';
import { ComponentInstance } from './component-instance.ts';

describe('a component that catches all it can of what another throws', () => {
  const program = loadProgram(prepareComponent(componentFixture('composed-catch-all')));

  /** In the order in which the fixture numbers them. */
  const thrown = [
    'a function',
    'a destructor',
    'what cleans up after a function',
    'an allocator, for a function',
    'a function that may wait',
    'an allocator, for a function that may wait',
    'an allocator, for a function that was begun',
  ];
  for (const [what, by] of thrown.entries()) {
    it(`is ended by an exception of ${by}`, async () => {
      const instance = new ComponentInstance(program, testWorld(), 'suspend');
      const run = WebAssembly.promising(instance.exported('', 'run'));
      try {
        await assert.rejects(async () => run(what), GuestTrap);
        assert.ok(instance.isCancelled);
      } finally {
        instance.endCall();
      }
    });
  }
});
