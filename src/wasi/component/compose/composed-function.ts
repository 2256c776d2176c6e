import { Loans } from '../abi/borrowed-resource.ts';
import type { CoreValue } from '../abi/codec.ts';
import type { Guest } from '../abi/guest.ts';
import { GuestTrap } from '../abi/guest-trap.ts';
import type { CoreFunction } from '../abi/host-function.ts';
import { unsignedAt } from '../abi/numbers.ts';
import type { Signature } from './signature.ts';
import { trampolineNames } from './trampoline.ts';
import { uncatchable } from './uncatchable.ts';
import type { ValueType } from './value-type.ts';

/** One call, from when its parameters are passed until its result is. */
interface Call {
  readonly loans: Loans;
  readonly returnTo: number;
}

/** Whether something went wrong in a program, which then is not called any more. */
export interface Failure {
  cause: unknown;
}

interface ComposedFunctionComponents {
  readonly signature: Signature;
  readonly caller: Guest;
  readonly callee: Guest;
  readonly postReturn: CoreFunction | undefined;
  readonly failure: Failure;
}

/**
 * A function of one component that another one calls: passes the values from one memory to the other,
 * before and after. The call itself is made by WebAssembly, so that it can be suspended.
 */
export class ComposedFunction {
  readonly #signature: Signature;
  readonly #caller: Guest;
  readonly #callee: Guest;
  readonly #postReturn: CoreFunction | undefined;
  readonly #failure: Failure;

  constructor(components: ComposedFunctionComponents) {
    this.#signature = components.signature;
    this.#caller = components.caller;
    this.#callee = components.callee;
    this.#postReturn = components.postReturn;
    this.#failure = components.failure;
  }

  /** What a trampoline imports, but for the core function. */
  imports(): WebAssembly.ModuleImports {
    return {
      [trampolineNames.enter]: (...values: CoreValue[]) => this.#must(() => this.#enter(values)),
      [trampolineNames.leave]: (...values: unknown[]) => this.#must(() => this.#leave(values)),
      [trampolineNames.fail]: (thrown: unknown) => this.#fail(thrown),
      [trampolineNames.escape]: () =>
        this.#fail(new GuestTrap('Cannot return: an exception left the component')),
      [trampolineNames.tag]: WebAssembly.JSTag as unknown as WebAssembly.ImportValue,
    };
  }

  /** Takes the caller's core values. @returns the callee's, and behind them the call */
  #enter(values: readonly CoreValue[]): unknown {
    const { cause } = this.#failure;
    if (cause !== undefined) {
      throw new GuestTrap('Cannot enter the component: one of them has failed', { cause });
    }
    const [caller, callee] = [this.#caller.part, this.#callee.part];
    caller.leave();
    const loans = new Loans();
    caller.loans = loans;
    callee.loans = loans;
    const { returnAt, returnsInMemory } = this.#signature;
    const call: Call = { loans, returnTo: returnsInMemory ? unsignedAt(values, returnAt) : 0 };
    const passed = callee.aside(() => this.#passParameters(values));
    // Several values are an iterable; one is itself.
    return passed.length === 0 ? call : [...passed, call];
  }

  /** Takes the callee's core values and the call. @returns the caller's result, if it is one core value */
  #leave(values: readonly unknown[]): CoreValue | undefined {
    // The trampoline passes what `enter` gave it.
    const { loans, returnTo } = values.at(-1) as Call;
    const returned = values.slice(0, -1) as CoreValue[];
    if (loans.areOpen) throw new GuestTrap('Cannot return: a borrowed handle was not dropped');
    const outcome = this.#caller.part.aside(() => this.#passResult(returned, returnTo));
    const postReturn = this.#postReturn;
    if (postReturn !== undefined) this.#callee.part.aside(() => postReturn(...returned));
    loans.end();
    return outcome;
  }

  #must<T>(act: () => T): T {
    try {
      return act();
    } catch (thrown) {
      return this.#fail(thrown);
    }
  }

  /** Nothing is called any more in a program in which a component was left in the middle. */
  #fail(thrown: unknown): never {
    this.#failure.cause ??= thrown;
    throw thrown instanceof GuestTrap ? uncatchable(thrown) : thrown;
  }

  #passParameters(values: readonly CoreValue[]): CoreValue[] {
    const { parameters } = this.#signature;
    const out: CoreValue[] = [];
    if (parameters.flat === undefined) {
      const value = loadFrom(this.#caller, unsignedAt(values, 0), parameters);
      const pointer = this.#callee.allocate(parameters.align, parameters.size);
      storeTo(this.#callee, pointer, parameters, value);
      out.push(pointer);
    } else {
      parameters.lower(this.#callee, parameters.lift(this.#caller, values, 0), out);
    }
    return out;
  }

  #passResult(returned: readonly CoreValue[], returnTo: number): CoreValue | undefined {
    const { result, returnsInMemory } = this.#signature;
    if (result === undefined) return undefined;
    if (returnsInMemory) {
      const value = loadFrom(this.#callee, unsignedAt(returned, 0), result);
      storeTo(this.#caller, returnTo, result, value);
      return undefined;
    }
    const out: CoreValue[] = [];
    result.lower(this.#caller, result.lift(this.#callee, returned, 0), out);
    return out[0];
  }
}

function loadFrom(guest: Guest, pointer: number, type: ValueType): unknown {
  checkAligned(pointer, type);
  guest.memory.slice(pointer, type.size);
  return type.load(guest, pointer);
}

function storeTo(guest: Guest, pointer: number, type: ValueType, value: unknown): void {
  checkAligned(pointer, type);
  guest.memory.mark(pointer, type.size);
  type.store(guest, pointer, value);
}

function checkAligned(pointer: number, { align }: ValueType): void {
  if (pointer % align !== 0) throw new GuestTrap(`Cannot pass values: ${pointer} is misaligned`);
}
