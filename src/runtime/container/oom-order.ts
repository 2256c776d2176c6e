import { writeFileSync } from 'node:fs';

/** Guests die of a machine's lack of memory before the daemon and its zygotes do. */
const oomScoreAdjustment = '900';

/** Gives a process its place in the kernel's OOM order. */
export function takeOomOrder(pid: number): void {
  writeFileSync(`/proc/${pid}/oom_score_adj`, oomScoreAdjustment);
}
