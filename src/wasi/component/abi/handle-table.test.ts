import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { GuestTrap } from './guest-trap.ts';
import { HandleTable } from './handle-table.ts';
import { Resource } from './resource.ts';

class Door extends Resource {
  closed = false;

  override drop(): void {
    this.closed = true;
  }
}

class Window extends Door {}

class Handle extends Resource {}

describe('HandleTable', () => {
  let table: HandleTable;
  beforeEach(() => {
    table = new HandleTable();
  });

  it('gives out no handle 0', () => {
    assert.equal(table.add(new Door()), 1);
    assert.throws(() => table.borrow(0, Door), GuestTrap);
  });

  it('lends a resource as often as it is asked for', () => {
    const door = new Door();
    const handle = table.add(door);
    assert.equal(table.borrow(handle, Door), door);
    assert.equal(table.borrow(handle, Resource), door);
  });

  for (const [what, handle] of [
    ['never given out', 7],
    ['negative', -1],
    ['beyond any table', 0x7fffffff],
  ] as const) {
    it(`traps for a handle that is ${what}`, () => {
      table.add(new Door());
      assert.throws(() => table.borrow(handle, Door), GuestTrap);
      assert.throws(() => table.drop(handle, Door), GuestTrap);
    });
  }

  it('traps for a handle of another type', () => {
    const handle = table.add(new Door());
    assert.throws(() => table.borrow(handle, Window), /handle 1: it is no Window/);
  });

  it('traps for a handle whose resource was passed on', () => {
    const handle = table.add(new Door());
    table.take(handle, Door);
    assert.throws(() => table.borrow(handle, Door), GuestTrap);
    assert.throws(() => table.take(handle, Door), GuestTrap);
  });

  it('traps for a parent that is dropped before its child', () => {
    const door = new Door();
    const parent = table.add(door);
    const child = table.add(new Handle(door));
    assert.throws(() => table.drop(parent, Door), /children of it are in use/);
    table.drop(child, Handle);
    table.drop(parent, Door);
    assert.ok(door.closed);
  });

  it('drops everything when it is cleared, parents too', () => {
    const door = new Door();
    table.add(door);
    table.add(new Handle(door));
    table.clear();
    assert.ok(door.closed);
    assert.ok(table.isEmpty);
    assert.equal(table.add(new Door()), 1);
  });
});
