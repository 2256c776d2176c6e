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
