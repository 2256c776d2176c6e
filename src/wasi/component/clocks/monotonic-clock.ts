import { clock } from '../../system/clocks.ts';
import type { System } from '../../system/system.ts';
import { own } from '../abi/handles.ts';
import { type HostInterface, hostFunction } from '../abi/host-function.ts';
import { u64 } from '../abi/numbers.ts';
import { Pollable } from '../io/pollable.ts';
import type { Readiness } from '../io/readiness.ts';

/** https://github.com/WebAssembly/wasi-clocks/blob/main/wit/monotonic-clock.wit */
export const monotonicClock: HostInterface = {
  name: 'wasi:clocks/monotonic-clock',
  functions: {
    now: hostFunction([], u64, ({ world }) => now(world.system)),
    resolution: hostFunction([], u64, ({ world }) =>
      world.system.clocks.resolution(clock.monotonic),
    ),
    'subscribe-instant': hostFunction(
      [u64],
      own(() => Pollable),
      ({ world }, when) => new Pollable(deadline(world.system, when)),
    ),
    'subscribe-duration': hostFunction(
      [u64],
      own(() => Pollable),
      ({ world }, duration) => new Pollable(deadline(world.system, now(world.system) + duration)),
    ),
  },
};

function now(system: System): bigint {
  return system.clocks.now(clock.monotonic);
}

function deadline(system: System, at: bigint): Readiness {
  return { ready: () => now(system) >= at, source: () => ({ kind: 'deadline', at }) };
}
