import type { Finding } from './finding.ts';

/** Whether libc can be called: all of the Linux host and sandbox stand on it. */
export async function examineFfi(): Promise<Finding> {
  try {
    const { processId } = await import('../../wasi/libc/process.ts');
    return { part: 'libc by FFI', state: 'ok', found: `process ${processId()}` };
  } catch (error) {
    return {
      part: 'libc by FFI',
      state: 'missing',
      found: String(error),
      cost: 'no sandbox, no processes of their own: only the portable WASI host works here',
    };
  }
}
