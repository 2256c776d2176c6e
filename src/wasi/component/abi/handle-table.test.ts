import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { BorrowedResource, Loans } from './borrowed-resource.ts';
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

  it('keeps a handle whose resource is lent', () => {
    const handle = table.add(new Door());
    const loans = new Loans();
    loans.lend(table.entry(handle));
    assert.throws(() => table.drop(handle, Door), /it is lent/);
    assert.throws(() => table.send(handle, Door), /it is lent/);
    loans.end();
    table.drop(handle, Door);
  });

  it('uses and gives back what is borrowed, but never gives it away', () => {
    const [door, loans] = [new Door(), new Loans()];
    const handle = table.receive(new BorrowedResource(door, loans));
    assert.equal(table.borrow(handle, Door), door);
    for (const give of ['take', 'send'] as const) {
      assert.throws(() => table[give](handle, Door), /no Door of its own/);
    }
    assert.throws(() => table.drop(handle, Window), GuestTrap);
    assert.ok(loans.areOpen);
    table.drop(handle, Door);
    assert.ok(!loans.areOpen && !door.closed);
  });

  it('uses nothing any more that was borrowed for a call that is over', () => {
    const loans = new Loans();
    const handle = table.receive(new BorrowedResource(new Door(), loans));
    loans.end();
    assert.throws(() => table.borrow(handle, Door), /lent for a call that is over/);
  });

  it('sends and receives a resource whose children stay', () => {
    const door = new Door();
    const handle = table.add(door);
    table.add(new Handle(door));
    const other = new HandleTable();
    const there = other.receive(table.send(handle, Door));
    assert.throws(() => other.take(there, Door), /children of it are in use/);
  });

  it('drops everything once when it is cleared, though a resource throws', () => {
    const drops: string[] = [];
    class Stubborn extends Resource {
      readonly #name: string;

      constructor(name: string) {
        super();
        this.#name = name;
      }

      override drop(): void {
        drops.push(this.#name);
        if (this.#name !== 'willing') throw new Error(this.#name);
      }
    }
    for (const name of ['willing', 'second', 'first']) table.add(new Stubborn(name));
    assert.throws(() => table.clear(), /^Error: first$/);
    assert.ok(table.isEmpty);
    table.clear();
    assert.deepEqual(drops, ['first', 'second', 'willing']);
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
