import { type FindWasmtimeInit, findWasmtime } from '../containers/find-wasmtime.ts';
import type { Finding } from './finding.ts';

/** Whether the second engine is there. */
export async function examineWasmtime(init: FindWasmtimeInit): Promise<Finding> {
  const part = 'wasmtime';
  const wasmtime = await findWasmtime(init);
  if (wasmtime.kind === 'found') {
    return { part, state: 'ok', found: `${wasmtime.version}, ${wasmtime.path}` };
  }
  return {
    part,
    state: 'limited',
    found: wasmtime.reason,
    cost: '--engine wasmtime and the RuntimeClass handler of that name are refused',
  };
}
