import type { CoreValue } from '../abi/codec.ts';
import type { Guest } from '../abi/guest.ts';
import { GuestTrap } from '../abi/guest-trap.ts';

/** A call of an exported function that is asynchronous: it gives its result, and may go on after. */
export class Task {
  /** The guest's own, which the call finds again whenever it is continued. */
  readonly storage: CoreValue[] = [0, 0];
  readonly #give: (guest: Guest, values: readonly CoreValue[]) => void;
  #hasReturned = false;

  /** @param give takes the result, flat or by a pointer */
  constructor(give: (guest: Guest, values: readonly CoreValue[]) => void) {
    this.#give = give;
  }

  return(guest: Guest, values: readonly CoreValue[]): void {
    if (this.#hasReturned) throw new GuestTrap('Cannot return from a task: it has returned before');
    this.#hasReturned = true;
    this.#give(guest, values);
  }

  /** @throws {GuestTrap} where there is no result, and never will be */
  end(): void {
    if (!this.#hasReturned) throw new GuestTrap('Cannot end a task: it has returned nothing');
  }
}
