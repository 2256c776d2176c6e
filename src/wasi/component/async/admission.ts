import { GuestTrap } from '../abi/guest-trap.ts';

const mostBackpressure = 0xffff;

/**
 * Who may be in a component that several may call: one task at a time, as they share a stack in the
 * component's memory. One that waits to be called back leaves it to others.
 */
export class Admission {
  #isTaken = false;
  #backpressure = 0;
  #returning: (() => void)[] = [];
  #entering: (() => void)[] = [];

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
    this.#entering.push(enter);
    return () => {
      this.#entering = this.#entering.filter((other) => other !== enter);
    };
  }

  /** Lets a task return if it can at once. */
  tryReturn(): boolean {
    if (this.#isTaken) return false;
    this.#isTaken = true;
    return true;
  }

  /** Waits for a task's turn that is in the component already. */
  async return(): Promise<void> {
    if (this.tryReturn()) return;
    await new Promise<void>((resolve) => this.#returning.push(resolve));
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

  #admit(): void {
    const next =
      this.#returning.shift() ?? (this.#backpressure === 0 ? this.#entering.shift() : undefined);
    if (next === undefined) return;
    this.#isTaken = true;
    // Not from within whoever leaves: a long queue would be a deep stack.
    queueMicrotask(next);
  }
}
