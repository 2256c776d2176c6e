import assert from 'node:assert/strict';
import type { ComponentInstance } from '../link/component-instance.ts';
import { ownMemoryExport } from '../rewrite/rewriter.ts';

/** Fails where an instance has anything that a fresh one has not, in any of the components inside. */
export function assertAsFresh(
  used: ComponentInstance,
  fresh: ComponentInstance,
  what: string,
): void {
  const memories = memoriesOf(used);
  for (const [index, expected] of memoriesOf(fresh).entries()) {
    const memory = memories[index];
    assert.ok(memory?.subarray(0, expected.length).equals(expected), `memory ${index} ${what}`);
    // Grown pages, which a fresh instance has not yet, must be as empty as it would find them.
    const grown = memory?.subarray(expected.length) ?? [];
    assert.ok(
      grown.every((byte) => byte === 0),
      `growth of memory ${index} ${what}`,
    );
  }
  assert.deepEqual(globalsAndTables(used), globalsAndTables(fresh), what);
  assert.ok(used.isIdle, `handles ${what}`);
  assert.ok(used.isQuiet, `calls ${what}`);
}

/** The linear memories of all core instances. */
export function memoriesOf(instance: ComponentInstance): Buffer[] {
  return instance.coreInstances.flatMap(({ exports }) => {
    const memory = exports[ownMemoryExport];
    return memory instanceof WebAssembly.Memory ? [Buffer.from(memory.buffer)] : [];
  });
}

function globalsAndTables(instance: ComponentInstance): unknown {
  return instance.coreInstances.map(({ exports }) =>
    Object.entries(exports).map(([name, value]) => {
      if (value instanceof WebAssembly.Global) return [name, value.value];
      if (value instanceof WebAssembly.Table) return [name, entriesOf(value)];
      return [name, typeof value];
    }),
  );
}

/** Functions by their names: those of two instances are not the same objects. */
function entriesOf(table: WebAssembly.Table): unknown[] {
  return Array.from({ length: table.length }, (_, index) => String(table.get(index)?.name ?? null));
}
