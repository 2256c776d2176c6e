import { GuestTrap } from './guest-trap.ts';
import { UncatchableError } from './uncatchable-error.ts';

/** An error of this host's that was thrown through a guest; its cause is that error. */
export class HostFault extends UncatchableError {
  override readonly name = 'HostFault';
}

/**
 * What is to be thrown through a guest in place of what was thrown, so that no guest catches it. An
 * exception of a guest's that has left where it may not is a trap, by the canonical ABI.
 */
export function uncatchable(thrown: unknown): unknown {
  if (thrown instanceof WebAssembly.Exception) {
    return new GuestTrap('Cannot go on: an exception left the component', { cause: thrown });
  }
  if (thrown instanceof UncatchableError || isOfEngine(thrown)) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new HostFault(message, { cause: thrown });
}

/** V8's own traps, and the end of its stack. */
function isOfEngine(thrown: unknown): boolean {
  if (thrown instanceof WebAssembly.RuntimeError) return true;
  return thrown instanceof RangeError && /^Maximum call stack/.test(thrown.message);
}
