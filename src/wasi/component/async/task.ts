import type { Loans } from '../abi/borrowed-resource.ts';
import type { CoreValue } from '../abi/codec.ts';
import type { Guest } from '../abi/guest.ts';
import { GuestTrap } from '../abi/guest-trap.ts';
import type { Readiness } from '../io/readiness.ts';

export interface TaskInit {
  /** What the call has lent; it must be given back before the task returns. */
  readonly loans?: Loans;
  /** Told that the task ends without a result, as it was asked to. */
  readonly onCancelled?: () => void;
  /** Whether the function may wait: one that is not `async` in WIT may not. @default true */
  readonly mayWait?: boolean;
}

/** A call of an exported function that is asynchronous: it gives its result, and may go on after. */
export class Task {
  /** The guest's own, which the call finds again whenever it is continued. */
  readonly storage: CoreValue[] = [0, 0];
  readonly mayWait: boolean;
  readonly #give: (guest: Guest, values: readonly CoreValue[]) => void;
  readonly #loans: Loans | undefined;
  readonly #onCancelled: (() => void) | undefined;
  #isResolved = false;
  #cancellation: 'none' | 'wanted' | 'told' = 'none';
  #wake: (() => void) | undefined;

  /** Called when nobody wants the result any more, while the task waits to be called back. */
  onUnwanted: (() => void) | undefined;
  /** @param give takes the result, flat or by a pointer */
  constructor(
    give: (guest: Guest, values: readonly CoreValue[]) => void,
    { loans, mayWait = true, onCancelled }: TaskInit = {},
  ) {
    this.#give = give;
    this.#loans = loans;
    this.#onCancelled = onCancelled;
    this.mayWait = mayWait;
  }

  /** Ready when the task is to be told that nobody wants its result any more. */
  get unwanted(): Readiness {
    return {
      ready: () => this.#cancellation === 'wanted',
      source: () => ({
        kind: 'event',
        happened: new Promise<void>((resolve) => {
          this.#wake = resolve;
        }),
      }),
    };
  }

  return(guest: Guest, values: readonly CoreValue[]): void {
    this.#mustBeOpen();
    this.#isResolved = true;
    this.#give(guest, values);
  }

  /** Ends the task without a result. @throws {GuestTrap} where nobody has told it to */
  cancel(): void {
    if (this.#cancellation !== 'told') {
      throw new GuestTrap('Cannot cancel the task: nobody asked for it');
    }
    this.#mustBeOpen();
    this.#isResolved = true;
    this.#onCancelled?.();
  }

  /** Has the task be told, at once or when it next waits, that nobody wants its result any more. */
  wantCancelled(): void {
    this.#cancellation = 'wanted';
    this.onUnwanted?.();
    this.#wake?.();
  }

  /** Whether the task is to be told now. */
  takeCancellation(): boolean {
    if (this.#cancellation !== 'wanted') return false;
    this.#cancellation = 'told';
    return true;
  }

  /** @throws {GuestTrap} where there is no result, and never will be */
  end(): void {
    if (!this.#isResolved) throw new GuestTrap('Cannot end a task: it has returned nothing');
  }

  #mustBeOpen(): void {
    if (this.#isResolved) throw new GuestTrap('Cannot return from a task: it has returned before');
    if (this.#loans?.areOpen) {
      throw new GuestTrap('Cannot return: a borrowed handle was not dropped');
    }
  }
}
