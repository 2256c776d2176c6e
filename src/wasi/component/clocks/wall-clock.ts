import { clock } from '../../system/clocks.ts';
import { type HostInterface, hostFunction } from '../abi/host-function.ts';
import { u32, u64 } from '../abi/numbers.ts';
import { record } from '../abi/records.ts';

const nanosecondsPerSecond = 1_000_000_000n;

export interface DateTime {
  readonly seconds: bigint;
  readonly nanoseconds: number;
}

/** `datetime`: time since 1970. */
export const dateTime = record<DateTime>({ seconds: u64, nanoseconds: u32 });

export function dateTimeOf(nanoseconds: bigint): DateTime {
  return {
    seconds: nanoseconds / nanosecondsPerSecond,
    nanoseconds: Number(nanoseconds % nanosecondsPerSecond),
  };
}

export function nanosecondsOf({ seconds, nanoseconds }: DateTime): bigint {
  return seconds * nanosecondsPerSecond + BigInt(nanoseconds);
}

/** https://github.com/WebAssembly/wasi-clocks/blob/main/wit/wall-clock.wit */
export const wallClock: HostInterface = {
  name: 'wasi:clocks/wall-clock',
  functions: {
    now: hostFunction([], dateTime, ({ world }) =>
      dateTimeOf(world.system.clocks.now(clock.realtime)),
    ),
    resolution: hostFunction([], dateTime, ({ world }) =>
      dateTimeOf(world.system.clocks.resolution(clock.realtime)),
    ),
  },
};
