import type { CoreValue } from '../abi/codec.ts';
import { GuestTrap } from '../abi/guest-trap.ts';
import type { CoreFunction } from '../abi/host-function.ts';
import type { Running } from './running.ts';
import { trampolineNames } from './trampoline.ts';

/** What happens before and after each call of a core function. */
export interface AroundCalls<Call> {
  /** Takes the caller's core values. @returns the callee's, and what `leave` is to know of the call */
  readonly enter: (
    values: readonly CoreValue[],
  ) => readonly [passed: readonly CoreValue[], call: Call];
  /** Takes the callee's core values. @returns the caller's result, if it is one core value */
  readonly leave: (returned: readonly CoreValue[], call: Call) => CoreValue | undefined;
}

/**
 * The function of a trampoline that calls a core function of another component. Whatever that throws,
 * or `around` does, has left a component in the middle.
 */
export function linkTrampoline<Call>(
  trampoline: WebAssembly.Module,
  callee: WebAssembly.ExportValue,
  around: AroundCalls<Call>,
  running: Running,
): CoreFunction {
  const imports: WebAssembly.ModuleImports = {
    [trampolineNames.callee]: callee,
    [trampolineNames.enter]: (...values: CoreValue[]) =>
      running.must(() => {
        const [passed, call] = around.enter(values);
        // Several values are an iterable; one is itself.
        return passed.length === 0 ? call : [...passed, call];
      }),
    [trampolineNames.leave]: (...values: unknown[]) =>
      // The trampoline passes what `enter` gave it.
      running.must(() => around.leave(values.slice(0, -1) as CoreValue[], values.at(-1) as Call)),
    [trampolineNames.fail]: (thrown: unknown) => running.fail(thrown),
    [trampolineNames.escape]: () =>
      running.fail(new GuestTrap('Cannot return: an exception left the component')),
    [trampolineNames.tag]: WebAssembly.JSTag as unknown as WebAssembly.ImportValue,
  };
  const { exports } = new WebAssembly.Instance(trampoline, { [trampolineNames.module]: imports });
  return exports[trampolineNames.call] as CoreFunction; // which every trampoline has
}
