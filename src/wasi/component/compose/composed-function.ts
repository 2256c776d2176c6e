import { Loans } from '../abi/borrowed-resource.ts';
import type { CoreValue } from '../abi/codec.ts';
import type { Guest } from '../abi/guest.ts';
import { GuestTrap } from '../abi/guest-trap.ts';
import type { CoreFunction } from '../abi/host-function.ts';
import { unsignedAt } from '../abi/numbers.ts';
import { Interruption } from './interruption.ts';
import { type AroundCalls, linkTrampoline } from './link-trampoline.ts';
import { liftFrom, lowerTo, storeTo } from './passing.ts';
import type { Running } from './running.ts';
import type { Signature } from './signature.ts';

/** One call, from when its parameters are passed until its result is. */
interface Call {
  readonly loans: Loans;
  readonly returnTo: number;
  readonly interruption: Interruption;
}

interface ComposedFunctionComponents {
  readonly signature: Signature;
  readonly caller: Guest;
  readonly callee: Guest;
  readonly core: WebAssembly.ExportValue;
  readonly trampoline: WebAssembly.Module;
  readonly postReturn: CoreFunction | undefined;
  readonly running: Running;
}

/**
 * A function of one component that another one calls: passes the values from one memory to the other,
 * before and after. The call itself is made by WebAssembly, so that it can be suspended.
 */
export class ComposedFunction {
  /** What the caller imports. */
  readonly call: CoreFunction;
  readonly #signature: Signature;
  readonly #caller: Guest;
  readonly #callee: Guest;
  readonly #postReturn: CoreFunction | undefined;
  readonly #running: Running;

  constructor(components: ComposedFunctionComponents) {
    this.#signature = components.signature;
    this.#caller = components.caller;
    this.#callee = components.callee;
    this.#postReturn = components.postReturn;
    this.#running = components.running;
    const around: AroundCalls<Call> = {
      enter: (values) => this.#enter(values),
      leave: (returned, call) => this.#leave(returned, call),
    };
    const { core, running, trampoline } = components;
    this.call = linkTrampoline(trampoline, core, around, running);
  }

  #enter(values: readonly CoreValue[]): readonly [readonly CoreValue[], Call] {
    this.#running.mustBeSound();
    const [caller, callee] = [this.#caller.part, this.#callee.part];
    caller.leave();
    const loans = new Loans();
    caller.loans = loans;
    callee.loans = loans;
    const { returnAt, returnsInMemory } = this.#signature;
    const returnTo = returnsInMemory ? unsignedAt(values, returnAt) : 0;
    const passed = callee.aside(() => this.#passParameters(values));
    return [passed, { loans, returnTo, interruption: new Interruption(callee) }];
  }

  #leave(
    returned: readonly CoreValue[],
    { interruption, loans, returnTo }: Call,
  ): CoreValue | undefined {
    if (loans.areOpen) throw new GuestTrap('Cannot return: a borrowed handle was not dropped');
    const outcome = this.#caller.part.aside(() => this.#passResult(returned, returnTo));
    const postReturn = this.#postReturn;
    if (postReturn !== undefined) this.#callee.part.aside(() => postReturn(...returned));
    interruption.end();
    loans.end();
    return outcome;
  }

  #passParameters(values: readonly CoreValue[]): CoreValue[] {
    const { parameters } = this.#signature;
    return lowerTo(this.#callee, parameters, liftFrom(this.#caller, parameters, values));
  }

  #passResult(returned: readonly CoreValue[], returnTo: number): CoreValue | undefined {
    const { result, returnsInMemory } = this.#signature;
    if (result === undefined) return undefined;
    const value = liftFrom(this.#callee, result, returned, 1);
    if (!returnsInMemory) return lowerTo(this.#caller, result, value)[0];
    storeTo(this.#caller, result, value, returnTo);
    return undefined;
  }
}
