import { readFileSync, writeFileSync } from 'node:fs';
import type { PreparedProgram } from '../../oci/store/module-preparer.ts';
import { outlineLoops } from '../../wasi/hot-loops/outline-loops.ts';

/** Writes a module with its loops taken out to `target`, where it has such loops. */
export function prepareModule(source: string, target: string): PreparedProgram {
  const outlined = outlineLoops(readFileSync(source));
  if (outlined !== undefined) writeFileSync(target, outlined, { mode: 0o444 });
  return { about: { kind: 'module' }, original: outlined === undefined };
}
