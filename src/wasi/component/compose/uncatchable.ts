import type { GuestTrap } from '../abi/guest-trap.ts';

/** (module (func (export "trap") unreachable)) */
const { exports } = new WebAssembly.Instance(
  new WebAssembly.Module(Buffer.from('AGFzbQEAAAABBAFgAAADAgEABwgBBHRyYXAAAAoFAQMAAAs=', 'base64')),
);

/**
 * A trap as WebAssembly itself makes them. What JavaScript throws, a guest could catch, and go on as
 * if nothing had happened to the component that it called.
 */
export function uncatchable(trap: GuestTrap): unknown {
  try {
    // The module above.
    (exports['trap'] as () => void)();
  } catch (thrown) {
    if (!(thrown instanceof WebAssembly.RuntimeError)) throw thrown;
    thrown.message = trap.message;
    thrown.cause = trap;
    return thrown;
  }
  return trap;
}
