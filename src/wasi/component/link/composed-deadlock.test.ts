import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { unit } from '../abi/variants.ts';
import { callAsync } from '../async/exported-call.ts';
import { loadProgram } from '../load-program.ts';
import { prepareComponent } from '../prepared-component.ts';
import { componentFixture, testWorld } from '../testing/fixtures.ts';
import { ComponentInstance } from './component-instance.ts';

describe('components that wait for each other', () => {
  const program = loadProgram(prepareComponent(componentFixture('composed-deadlock')));
  const call = async (name: string) => {
    const instance = new ComponentInstance(program, testWorld(), 'suspend');
    await callAsync(instance, { interface: '', name, result: unit }, [], () => undefined);
  };

  it('go on where one of them waits for the host', async () => {
    await call('patient');
  });

  const deadlocks = {
    call: 'one calls another that waits for nothing',
    subtask: 'one waits for another that waits for nothing',
    stream: 'one waits for another that waits for bytes of the first',
    turn: 'one waits for its turn in another that waits for bytes of the first',
    backpressure: 'one waits for another that lets nobody in',
    cancel: 'one gives up another that does not listen',
  };
  for (const [name, what] of Object.entries(deadlocks)) {
    it(`are ended by a trap, where ${what}`, async () => {
      await assert.rejects(call(name), /deadlock/);
    });
  }
});
