import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { unit } from '../abi/variants.ts';
import { callAsync } from '../async/exported-call.ts';
import { loadProgram } from '../load-program.ts';
import { prepareComponent } from '../prepared-component.ts';
import { componentFixture, testWorld } from '../testing/fixtures.ts';
import { ComponentInstance } from './component-instance.ts';

describe('a component that fails while another waits for its turn', () => {
  const program = loadProgram(prepareComponent(componentFixture('composed-failure')));

  it('ends the call before it gets its turn', async () => {
    const instance = new ComponentInstance(program, testWorld(), 'suspend');
    const exported = { interface: '', name: 'run', result: unit };
    await assert.rejects(
      callAsync(instance, exported, [], () => undefined),
      /unreachable/,
    );
    await setImmediate();
    const turns = instance.coreInstances
      .map(({ exports }) => exports['turns'])
      .find((item) => item instanceof WebAssembly.Memory);
    assert.equal(turns && new Uint32Array(turns.buffer)[0], 0);
  });
});
