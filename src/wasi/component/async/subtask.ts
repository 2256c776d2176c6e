import { GuestTrap } from '../abi/guest-trap.ts';
import { Cancellation } from '../io/cancellation.ts';
import { eventCode, Waitable } from './waitable.ts';

/** States of a subtask, by the numbers of the canonical ABI. */
export const subtaskState = { started: 1, returned: 2, cancelled: 4 } as const;

/** A call of a host function that has not returned yet. */
export class Subtask extends Waitable {
  /** Ends what the function is doing. */
  readonly cancellation = new Cancellation();
  #state: number = subtaskState.started;
  #handle = 0;
  #delivered = false;

  get mayHappen(): boolean {
    return !this.isResolved;
  }

  get isResolved(): boolean {
    return this.#state !== subtaskState.started;
  }

  /** Whether the guest knows how it ended, and may drop it. */
  get isDelivered(): boolean {
    return this.#delivered;
  }

  givenHandle(handle: number): void {
    this.#handle = handle;
  }

  resolve(state: number): void {
    this.#state = state;
    this.setEvent(() => {
      this.#delivered = true;
      return [eventCode.subtask, this.#handle, this.#state];
    });
  }

  /** The function's result is not wanted any more. */
  cancel(): void {
    this.cancellation.cancel(new GuestTrap('The call was cancelled'));
    this.resolve(subtaskState.cancelled);
  }

  override drop(): void {
    super.drop();
    if (!this.isResolved) this.cancel();
  }
}
