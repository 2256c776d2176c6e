import { GuestTrap } from '../abi/guest-trap.ts';
import type { Waits } from './waits.ts';

const mostBackpressure = 0xffff;

/** A task that waits for its turn. */
interface Waiting {
  readonly goOn: () => void;
  /** Called as soon as it is its turn, before it goes on. */
  readonly admitted: () => void;
}

/**
 * Who may be in a component that several may call: one task at a time, as they share a stack in the
 * component's memory. One that waits to be called back leaves it to others.
 */
export class Admission {
  readonly #waits: Waits;
  #isTaken = false;
  #backpressure = 0;
  #returning: Waiting[] = [];
  #entering: Waiting[] = [];

  constructor({ waits }: { readonly waits: Waits }) {
    this.#waits = waits;
  }

  /**
   * Calls `enter` as soon as there is room: at once, or later.
   *
   * @returns a function that gives up waiting, if that is what it does
   */
  enter(enter: () => void): (() => void) | undefined {
    if (!this.#isTaken && this.#backpressure === 0 && this.#entering.length === 0) {
      this.#isTaken = true;
      enter();
      return undefined;
    }
    const waiting = this.#wait(enter);
    this.#entering.push(waiting);
    return () => {
      this.#entering = this.#entering.filter((other) => other !== waiting);
      waiting.admitted();
    };
  }

  /** Lets a task return if it can at once. */
  tryReturn(): boolean {
    if (this.#isTaken) return false;
    this.#isTaken = true;
    return true;
  }

  /**
   * Waits for a task's turn that is in the component already.
   *
   * @throws {GuestTrap} where that never comes
   */
  async return(): Promise<void> {
    if (this.tryReturn()) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#returning.push(this.#wait(resolve));
    this.#waits.mustGoOn();
    await promise;
  }

  /** Lets the next one in. */
  leave(): void {
    this.#isTaken = false;
    this.#admit();
  }

  /** The component asks not to be called, or, by a negative step, to be called again. */
  changeBackpressure(step: 1 | -1): void {
    this.#backpressure += step;
    if (this.#backpressure < 0 || this.#backpressure > mostBackpressure) {
      throw new GuestTrap(`Cannot set the backpressure: ${this.#backpressure} is out of range`);
    }
    if (!this.#isTaken) this.#admit();
  }

  reset(): void {
    if (!this.#isTaken && this.#backpressure === 0) return;
    this.#isTaken = false;
    this.#backpressure = 0;
    this.#returning = [];
    this.#entering = [];
  }

  #wait(goOn: () => void): Waiting {
    return { goOn, admitted: this.#waits.until(() => false) };
  }

  #admit(): void {
    const next =
      this.#returning.shift() ?? (this.#backpressure === 0 ? this.#entering.shift() : undefined);
    if (next === undefined) return;
    this.#isTaken = true;
    next.admitted();
    // Not from within whoever leaves: a long queue would be a deep stack.
    queueMicrotask(next.goOn);
  }
}
