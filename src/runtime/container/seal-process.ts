import { writeSync } from 'node:fs';
import { inspect } from 'node:util';
import { exitNow } from '../../wasi/libc/process.ts';
import { randomFraction } from '../../wasi/libc/random-fraction.ts';

const brokenExit = 125;

/**
 * Prepares JavaScript for a forked child. Node's own ways to end a process wait for threads that
 * do not exist in it, so they all become `_exit`; and `Math.random`, whose state every sibling
 * has a copy of, draws from the kernel.
 */
export function sealProcess(): void {
  Object.defineProperty(process, 'reallyExit', { value: exitNow });
  process.on('exit', exitNow);
  process.setUncaughtExceptionCaptureCallback((error) => {
    writeSync(2, `Uncaught in a container process: ${inspect(error)}\n`);
    exitNow(brokenExit);
  });
  Math.random = randomFraction;
}

/** Leaves it to `end`, which ends the process, to say what was not caught. */
export function endUncaughtBy(end: (error: unknown) => void): void {
  process.setUncaughtExceptionCaptureCallback(null); // there may be but one
  process.setUncaughtExceptionCaptureCallback(end);
}
