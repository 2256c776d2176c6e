import { openSync, readSync } from 'node:fs';

/** sysconf(_SC_CLK_TCK), which is the same on all machines that Node runs on. */
const ticksPerMillisecond = 0.1;
/** The sums of all processors: of user, nice, system, idle and iowait, see proc_stat(5). */
const sums = /^cpu +\d+ +\d+ +\d+ +(\d+) +(\d+)/;
const mostBytes = 256;

/** How many of the machine's processors have nothing to do. To be made before the sandbox closes. */
export class IdleProcessors {
  readonly #fd: number | undefined;
  readonly #now: () => number;
  #ticks = Number.NaN;
  #time = 0;

  constructor(file = '/proc/stat', now: () => number = () => performance.now()) {
    this.#fd = openIfThere(file);
    this.#now = now;
  }

  /** Their mean number since this was last called; infinite at first, and where the system does not tell. */
  sinceLast(): number {
    const [ticks, time] = [this.#read(), this.#now()];
    const idle = (ticks - this.#ticks) / ((time - this.#time) * ticksPerMillisecond);
    this.#ticks = ticks;
    this.#time = time;
    return Number.isFinite(idle) ? idle : Infinity;
  }

  #read(): number {
    if (this.#fd === undefined) return Number.NaN;
    const bytes = Buffer.alloc(mostBytes);
    const text = bytes.toString('latin1', 0, readSync(this.#fd, bytes, 0, mostBytes, 0));
    const [, idle, waiting] = sums.exec(text) ?? [];
    return Number(idle) + Number(waiting);
  }
}

function openIfThere(file: string): number | undefined {
  try {
    return openSync(file, 'r');
  } catch {
    return undefined; // a machine that hides it
  }
}
