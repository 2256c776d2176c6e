import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { builtInNamed } from '../async/built-ins.ts';
import { Task } from '../async/task.ts';
import { testWorld } from '../testing/fixtures.ts';
import type { CoreValue } from './codec.ts';
import { ComponentMemory } from './component-memory.ts';
import { Guest } from './guest.ts';
import { Part } from './part.ts';

function contextOf(guest: Guest, name: 'context.get' | 'context.set') {
  return builtInNamed(name).bind(guest, {
    kind: 'built-in',
    name,
    scope: 0,
    async: false,
    slot: 0,
  });
}

describe('what a guest puts aside for itself', () => {
  it('is there for calls that are no tasks', () => {
    const guest = new Guest({ part: new Part(0), world: testWorld() });
    contextOf(guest, 'context.set')(7);
    assert.equal(contextOf(guest, 'context.get')(), 7);
  });

  it('is hidden from each of its allocations, and the other way round', () => {
    const guest = new Guest({ part: new Part(0), world: testWorld() });
    const [get, set] = [contextOf(guest, 'context.get'), contextOf(guest, 'context.set')];
    const seen: unknown[] = [];
    guest.bind(new ComponentMemory(new WebAssembly.Memory({ initial: 1 })), () => {
      seen.push(get());
      set(9);
      return 8;
    });
    guest.part.task = new Task((): CoreValue => 0);
    set(7);
    guest.allocate(1, 1);
    guest.allocate(1, 1);
    assert.deepEqual(seen, [0, 0]);
    assert.equal(get(), 7);
  });
});
