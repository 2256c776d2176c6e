import { GuestTrap } from '../abi/guest-trap.ts';
import type { HostLoans } from '../abi/host-loans.ts';
import { Cancellation } from '../io/cancellation.ts';
import type { Readiness } from '../io/readiness.ts';
import { eventCode, Waitable } from './waitable.ts';

/** States of a subtask, by the numbers of the canonical ABI. */
export const subtaskState = {
  starting: 0,
  started: 1,
  returned: 2,
  cancelledBeforeStarted: 3,
  cancelled: 4,
} as const;

/** A call that has not returned yet. */
export abstract class Subtask extends Waitable {
  #state: number;
  #handle = 0;
  #delivered = false;

  constructor(state: number = subtaskState.started) {
    super();
    this.#state = state;
  }

  /** Ready when the call has ended, and not before, whatever else there is to tell. */
  readonly resolved: Readiness = {
    ready: () => this.isResolved,
    source: () => this.readiness.source(),
  };

  get state(): number {
    return this.#state;
  }

  get isResolved(): boolean {
    return this.#state >= subtaskState.returned;
  }

  /** Whether the guest knows how it ended, and may drop it. */
  get isDelivered(): boolean {
    return this.#delivered;
  }

  givenHandle(handle: number): void {
    this.#handle = handle;
  }

  /** Tells the guest, once it has a handle, how far the call is. */
  advance(state: number): void {
    this.#state = state;
    if (this.#handle === 0) return;
    this.setEvent(() => {
      if (this.isResolved) this.deliver();
      return [eventCode.subtask, this.#handle, this.#state];
    });
  }

  /** Called when the guest learns that the call is over. */
  deliver(): void {
    this.#delivered = true;
  }

  /** The call's result is not wanted any more; it may take a while until the call has ended. */
  abstract cancel(): void;

  override drop(): void {
    super.drop();
    if (!this.isResolved) this.cancel();
  }
}

/** A call of a host function. */
export class HostSubtask extends Subtask {
  /** Ends what the function is doing. */
  readonly cancellation = new Cancellation();
  readonly loans: HostLoans;

  constructor(loans: HostLoans) {
    super();
    this.loans = loans;
  }

  override advance(state: number): void {
    super.advance(state);
    if (this.isResolved) this.loans.end();
  }

  get mayHappen(): boolean {
    return !this.isResolved;
  }

  cancel(): void {
    this.cancellation.cancel(new GuestTrap('The call was cancelled'));
    this.advance(subtaskState.cancelled);
  }
}
