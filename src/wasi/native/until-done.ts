import { errno } from '../errno.ts';
import { lastErrno } from '../libc/errno.ts';

/** Repeats a call that a signal interrupts. @returns what it does, or a negated error number */
export function untilDone(call: () => number): number {
  for (;;) {
    const result = call();
    if (result !== -1) return result;
    const failure = lastErrno();
    if (failure !== errno.intr) return -failure;
  }
}
