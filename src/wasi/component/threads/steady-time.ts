import { hrtime } from 'node:process';

const millisecondsOfSecond = 1e3;
const nanosecondsOfMillisecond = 1e6;

const [seconds, nanoseconds] = hrtime();
const zero =
  seconds * millisecondsOfSecond + nanoseconds / nanosecondsOfMillisecond - performance.now();

/** Milliseconds of a clock that all threads of a process share, and that nobody sets. */
export function steadyTime(): number {
  return zero + performance.now();
}
