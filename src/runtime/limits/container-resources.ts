import { setTimeout as sleep } from 'node:timers/promises';
import { hasErrorCode } from '../errors.ts';
import type { ContainerProcess } from '../process/container-process.ts';
import type { Cgroup } from './cgroup.ts';
import { CpuDutyCycle } from './cpu-duty-cycle.ts';

const removeAttempts = 100;
const removePause = 20;

/**
 * What holds one container to its limits: a cgroup where one can be made, and a duty cycle for a
 * CPU limit without a controller.
 */
export class ContainerResources implements Disposable {
  readonly cgroup: Cgroup | undefined;
  readonly #cpuMillis: number | undefined;
  #dutyCycle: CpuDutyCycle | undefined;

  /** `cpuMillis` is a CPU limit that the cgroup does not set. */
  constructor(cgroup: Cgroup | undefined, cpuMillis: number | undefined) {
    this.cgroup = cgroup;
    this.#cpuMillis = cpuMillis;
  }

  /** Begins to hold the process to the limits that the kernel does not. */
  hold(process: ContainerProcess): void {
    if (this.#cpuMillis === undefined) return;
    this.#dutyCycle = new CpuDutyCycle(process, this.#cpuMillis);
    this.#dutyCycle.start();
  }

  /** Leaves the cgroup as it is, for who comes after this process. */
  [Symbol.dispose](): void {
    this.#dutyCycle?.[Symbol.dispose]();
  }

  /** Removes the cgroup of a container that has ended, as soon as the kernel lets go of it. */
  async remove(): Promise<void> {
    this[Symbol.dispose]();
    for (let attempt = 1; ; attempt += 1) {
      try {
        this.cgroup?.remove();
        return;
      } catch (error) {
        if (attempt === removeAttempts || !hasErrorCode(error, 'EBUSY')) throw error;
      }
      await sleep(removePause);
    }
  }
}
