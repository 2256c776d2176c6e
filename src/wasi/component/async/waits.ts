import { GuestTrap } from '../abi/guest-trap.ts';

/** Whether what a call waits for has come, or may come while all guests do nothing. */
export type MayGoOn = () => boolean;

/**
 * The calls that are under way in a program, and what they wait for. Where each of them waits for what
 * only another could do, none of them ever goes on.
 */
export class Waits {
  /** The host's call, and those of components that may wait for each other. */
  #calls = 1;
  readonly #waiting = new Set<{ readonly mayGoOn: MayGoOn }>();

  /** How many calls of components by each other there are. */
  get inside(): number {
    return this.#calls - 1;
  }

  begin(): void {
    this.#calls++;
  }

  end(): void {
    this.#calls--;
  }

  /** A call waits from now on. @returns a function to be called when it goes on */
  until(mayGoOn: MayGoOn): () => void {
    const waiting = { mayGoOn };
    this.#waiting.add(waiting);
    return () => this.#waiting.delete(waiting);
  }

  /** @throws {GuestTrap} where every call waits, and nothing can make any of them go on */
  mustGoOn(): void {
    if (this.#waiting.size < this.#calls) return;
    if (this.#waiting.values().some(({ mayGoOn }) => mayGoOn())) return;
    throw new GuestTrap('Cannot wait: this is a deadlock, nothing can happen any more');
  }

  reset(): void {
    this.#calls = 1;
    // V8 allocates for each clearing, of an old set where only a collection of the whole heap looks.
    if (this.#waiting.size > 0) this.#waiting.clear();
  }
}
