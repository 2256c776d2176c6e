import { errno } from '../errno.ts';
import { type Clocks, clock } from '../system/clocks.ts';

/** Clocks of Node: the real time in milliseconds, processor time in microseconds. */
export class PortableClocks implements Clocks {
  now(id: number): bigint {
    switch (id) {
      case clock.realtime:
        return BigInt(Date.now()) * 1_000_000n;
      case clock.monotonic:
        return process.hrtime.bigint();
      case clock.processCpuTime:
        return sum(process.cpuUsage());
      case clock.threadCpuTime:
        return sum(process.threadCpuUsage());
      default:
        return BigInt(-errno.inval);
    }
  }

  write(id: number, view: DataView, offset: number): number {
    const time = this.now(id);
    if (time < 0n) return Number(-time);
    view.setBigUint64(offset, time, true);
    return errno.success;
  }

  resolution(id: number): bigint {
    switch (id) {
      case clock.realtime:
        return 1_000_000n;
      case clock.monotonic:
        return 1n;
      case clock.processCpuTime:
      case clock.threadCpuTime:
        return 1000n;
      default:
        return BigInt(-errno.inval);
    }
  }

  /** Node has nothing for it, and a guest that yields has nothing to wait for. */
  yield(): void {}
}

function sum({ user, system }: NodeJS.CpuUsage): bigint {
  return BigInt(user + system) * 1000n;
}
