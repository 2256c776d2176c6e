import type { Loans } from '../abi/borrowed-resource.ts';
import { GuestTrap } from '../abi/guest-trap.ts';
import { Subtask, subtaskState } from '../async/subtask.ts';
import type { Task } from '../async/task.ts';

/** A call of another component's function. */
export class GuestSubtask extends Subtask {
  /** Only a guest brings it to its end. */
  readonly mayHappen = false;

  #task: Task | undefined;
  #loans: Loans | undefined;
  #giveUp: (() => void) | undefined;
  #isCancelled = false;

  constructor() {
    super(subtaskState.starting);
  }

  /** @param giveUp has the call not begin at all, if it has not begun */
  follow(task: Task, loans: Loans, giveUp: (() => void) | undefined): void {
    this.#task = task;
    this.#loans = loans;
    this.#giveUp = giveUp;
  }

  override deliver(): void {
    super.deliver();
    this.#loans?.end();
    this.#loans = undefined;
  }

  cancel(): void {
    if (this.#isCancelled) throw new GuestTrap('Cannot cancel a subtask: it was cancelled before');
    this.#isCancelled = true;
    if (this.state === subtaskState.starting) this.#giveUp?.();
    else this.#task?.wantCancelled();
  }

  /** The whole program is given up where this is dropped before it has ended. */
  override drop(): void {
    this.join(undefined);
  }
}
