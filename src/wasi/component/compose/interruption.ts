import { GuestTrap } from '../abi/guest-trap.ts';
import type { Part } from '../abi/part.ts';
import { Task } from '../async/task.ts';

/**
 * A call of a component that does not wait for its turn: from now on until its end it is on top of
 * whatever the component was doing, as a task of its own that may not wait for other components.
 */
export class Interruption {
  readonly #part: Part;
  /** The task that the component was in before, which waits meanwhile. */
  readonly #interrupted: Task | undefined;

  constructor(part: Part) {
    this.#part = part;
    this.#interrupted = part.task;
    part.task = new Task(neverReturned, { mayWait: false });
    part.interrupt();
  }

  end(): void {
    this.#part.task = this.#interrupted;
    this.#part.resume();
  }
}

function neverReturned(): never {
  throw new GuestTrap('Cannot return from a task: the function is not asynchronous');
}
