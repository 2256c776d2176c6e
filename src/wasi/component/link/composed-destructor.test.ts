import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { u32 } from '../abi/numbers.ts';
import { callAsync } from '../async/exported-call.ts';
import { loadProgram } from '../load-program.ts';
import { prepareComponent } from '../prepared-component.ts';
import { componentFixture, testWorld } from '../testing/fixtures.ts';
import { ComponentInstance } from './component-instance.ts';

describe('a component whose resources another one drops', () => {
  const program = loadProgram(prepareComponent(componentFixture('composed-destructor')));
  const call = async (name: string) => {
    const instance = new ComponentInstance(program, testWorld(), 'suspend');
    const results: number[] = [];
    try {
      const exported = { interface: '', name, result: u32 };
      await callAsync(instance, exported, [], (value) => results.push(value));
    } finally {
      instance.endCall();
    }
    return results;
  };

  it('is not entered any more once it has failed, though the other was told to go on before', async () => {
    await assert.rejects(call('after-failure'), /unreachable/);
  });

  it('finds in a task what it kept there, whatever the destructor has kept', async () => {
    assert.deepEqual(await call('kept'), [5]);
  });

  it('goes on with a task only when the destructor is done', async () => {
    assert.deepEqual(await call('interrupted'), [2]);
  });
});
