import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Finding } from './finding.ts';

/** Whether the second engine is there. */
export async function examineWasmtime(): Promise<Finding> {
  const part = 'wasmtime';
  try {
    const { stdout } = await promisify(execFile)('wasmtime', ['--version']);
    return { part, state: 'ok', found: stdout.trim() };
  } catch {
    return {
      part,
      state: 'limited',
      found: 'not on the PATH',
      cost: '--engine wasmtime is refused',
    };
  }
}
