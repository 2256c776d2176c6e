import { setFlagsFromString } from 'node:v8';

/**
 * Collects garbage, and moves what is left together. Needs V8's `--expose-gc`.
 *
 * Only for now: a container that moved its heap would share nothing of it any more.
 */
export function compactHeap(): void {
  setFlagsFromString('--compact-on-every-full-gc');
  globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'last-resort' });
  setFlagsFromString('--no-compact-on-every-full-gc');
}

/** Collects garbage where it lies. */
export function collectGarbage(): void {
  globalThis.gc?.({ type: 'major', execution: 'sync', flavor: 'regular' });
}

const seldom = [
  '--heap-growing-percent=100',
  '--incremental-marking-soft-trigger=70',
  '--incremental-marking-hard-trigger=90',
];

/**
 * Lets the heap double before all of it is looked through, and begins with that when it is nearly full. A server
 * that has no thread to do it beside answers nobody meanwhile, and what is young then lives on as old garbage:
 * V8's own choice, a third more at first, makes a server of 30 MB one of 90.
 */
export function collectSeldom(): void {
  for (const flag of seldom) setFlagsFromString(flag);
}
