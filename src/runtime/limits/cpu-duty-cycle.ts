import type { ContainerProcess } from '../process/container-process.ts';
import { processCounters } from '../usage/process-usage.ts';

/** Milliseconds between two looks at the process. */
const period = 50;

/**
 * Holds a process to a share of a core by stopping and continuing it (SIGSTOP, SIGCONT): for
 * machines without a CPU controller. It looks once a period at the CPU time used; who has used
 * more than the limit allows so far is stopped until the limit has caught up.
 *
 * A process that was idle does not save up: what it did not use is gone after one second.
 */
export class CpuDutyCycle implements Disposable {
  readonly #process: ContainerProcess;
  readonly #share: number;
  #timer: NodeJS.Timeout | undefined;
  #allowed = 0n;
  #stopped = false;

  constructor(process: ContainerProcess, cpuMillis: number) {
    this.#process = process;
    this.#share = cpuMillis / 1_000;
  }

  start(): void {
    this.#allowed = this.#used() ?? 0n;
    this.#timer = setInterval(() => this.#look(), period).unref();
  }

  #look(): void {
    const used = this.#used();
    if (used === undefined) {
      clearInterval(this.#timer);
      return;
    }
    const burst = BigInt(Math.round(this.#share * 1e9));
    this.#allowed += BigInt(Math.round(this.#share * period * 1e6));
    if (this.#allowed > used + burst) this.#allowed = used + burst;
    const over = used > this.#allowed;
    if (over === this.#stopped) return;
    this.#stopped = over;
    this.#process.signal(over ? 'SIGSTOP' : 'SIGCONT');
  }

  #used(): bigint | undefined {
    return processCounters(this.#process.identity.pid)?.cpuNanos;
  }

  /** Lets the process run freely. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    if (this.#stopped) this.#process.signal('SIGCONT');
    this.#stopped = false;
  }
}
