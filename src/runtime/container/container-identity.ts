import { writeFileSync } from 'node:fs';
import { startSession } from '../../wasi/libc/process.ts';
import { must } from '../sandbox/sandbox-error.ts';

/** Guests die of a machine's lack of memory before the daemon and its zygotes do. */
const oomScoreAdjustment = '900';

/** Gives the process a session and a group of its own, and a place in the kernel's OOM order. */
export function takeIdentity(): void {
  must('start a session', startSession());
  writeFileSync('/proc/self/oom_score_adj', oomScoreAdjustment);
}
