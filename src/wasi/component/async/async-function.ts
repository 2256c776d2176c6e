import type { Codec, CoreValue } from '../abi/codec.ts';
import type { Guest } from '../abi/guest.ts';
import {
  type Codecs,
  flatLengthOf,
  type HostFunction,
  parameterLifter,
  resultLowerer,
} from '../abi/host-function.ts';
import { HostLoans } from '../abi/host-loans.ts';
import { unsignedAt } from '../abi/numbers.ts';
import { uncatchable } from '../abi/uncatchable.ts';
import type { Cancellation } from '../io/cancellation.ts';
import type { Readiness } from '../io/readiness.ts';
import { HostSubtask, subtaskState } from './subtask.ts';

/** The most flat parameters of a function that is called asynchronously. */
const maximumFlatParameters = 4;

/** One call of a host function, which may be cancelled for itself. */
export class HostCall {
  readonly guest: Guest;
  readonly #cancellation: Cancellation;

  constructor(guest: Guest, cancellation: Cancellation) {
    this.guest = guest;
    this.#cancellation = cancellation;
  }

  /** Aborts when nobody waits for the result any more. */
  get signal(): AbortSignal {
    return this.#cancellation.signal;
  }

  throwIfCancelled(): void {
    this.#cancellation.throwIfCancelled();
  }

  /** As the guest's own waiting, but for this call alone. */
  wait(readinesses: readonly Readiness[]): undefined | Promise<undefined> {
    return this.guest.world.waiter.wait(readinesses, this.#cancellation);
  }
}

/** A function that is `async` in WIT. Guests call it as they like: they wait for it, or go on. */
export function asyncFunction<const P extends readonly unknown[], R>(
  parameters: Codecs<P>,
  result: Codec<R>,
  implementation: (call: HostCall, ...values: P) => R | Promise<R>,
): HostFunction {
  const lift = parameterLifter(parameters);
  const finish = resultLowerer(parameters, result);
  const liftAsync = parameterLifter(parameters, maximumFlatParameters);
  const returnAt = flatLengthOf(parameters) > maximumFlatParameters ? 1 : flatLengthOf(parameters);
  const store = (guest: Guest, values: readonly CoreValue[], value: R) => {
    if (result.flat.length > 0) result.store(guest, unsignedAt(values, returnAt), value);
  };
  return {
    suspends: true,
    bind:
      (guest) =>
      (...values) => {
        const call = new HostCall(guest, guest.cancellation);
        const [lifted, loans] = lent(guest, () => lift(guest, values));
        const outcome = implementation(call, ...lifted);
        if (!(outcome instanceof Promise)) return finish(guest, values, outcome);
        loans.lend();
        return outcome.then(
          (value) => {
            loans.end();
            // Whatever came of it: it may have been cut short.
            call.throwIfCancelled();
            return finish(guest, values, value);
          },
          (cause: unknown) => {
            loans.end();
            throw uncatchable(cause);
          },
        );
      },
    bindAsync:
      (guest) =>
      (...values) => {
        const [lifted, loans] = lent(guest, () => liftAsync(guest, values));
        const subtask = new HostSubtask(loans);
        const call = new HostCall(guest, subtask.cancellation);
        const outcome = implementation(call, ...lifted);
        if (outcome instanceof Promise) {
          return begin(guest, subtask, outcome, (value) => store(guest, values, value));
        }
        store(guest, values, outcome);
        return subtaskState.returned;
      },
  };
}

/** Parameters, and what the guest lends by them. */
function lent<P>(guest: Guest, lift: () => P): [P, HostLoans] {
  const loans = new HostLoans();
  guest.loans = loans;
  const lifted = lift();
  guest.loans = undefined;
  return [lifted, loans];
}

/** @returns the state of the subtask and its handle, in one number */
function begin<R>(
  guest: Guest,
  subtask: HostSubtask,
  outcome: Promise<R>,
  store: (value: R) => void,
): number {
  subtask.loans.lend();
  const handle = guest.handles.add(subtask);
  subtask.givenHandle(handle);
  const { cancellation } = guest; // that of this call
  outcome
    .then((value) => {
      if (subtask.isResolved) return;
      store(value);
      subtask.advance(subtaskState.returned);
    })
    .catch((cause: unknown) => {
      if (!subtask.isResolved) cancellation.cancel(uncatchable(cause));
    });
  return subtaskState.started | (handle << 4);
}
