import { clock } from '../../../system/clocks.ts';
import { type HostInterface, hostFunction } from '../../abi/host-function.ts';
import { u64 } from '../../abi/numbers.ts';
import { unit } from '../../abi/variants.ts';
import { asyncFunction, type HostCall } from '../../async/async-function.ts';
import { dateTimeOf } from '../../clocks/wall-clock.ts';
import { instant } from './instant.ts';

/** https://github.com/WebAssembly/WASI/tree/main/proposals/clocks/wit */
export const clocks: readonly HostInterface[] = [
  { name: 'wasi:clocks/types@0.3', functions: {} },
  {
    name: 'wasi:clocks/monotonic-clock@0.3',
    functions: {
      now: hostFunction([], u64, ({ world }) => world.system.clocks.now(clock.monotonic)),
      'get-resolution': hostFunction([], u64, ({ world }) =>
        world.system.clocks.resolution(clock.monotonic),
      ),
      'wait-until': asyncFunction([u64], unit, (call, when) => waitUntil(call, when)),
      'wait-for': asyncFunction([u64], unit, (call, duration) =>
        waitUntil(call, now(call) + duration),
      ),
    },
  },
  {
    name: 'wasi:clocks/system-clock@0.3',
    functions: {
      now: hostFunction([], instant, ({ world }) =>
        dateTimeOf(world.system.clocks.now(clock.realtime)),
      ),
      'get-resolution': hostFunction([], u64, ({ world }) =>
        world.system.clocks.resolution(clock.realtime),
      ),
    },
  },
];

function now({ guest: { world } }: HostCall): bigint {
  return world.system.clocks.now(clock.monotonic);
}

function waitUntil(call: HostCall, at: bigint): undefined | Promise<undefined> {
  return call.wait([{ ready: () => now(call) >= at, source: () => ({ kind: 'deadline', at }) }]);
}
