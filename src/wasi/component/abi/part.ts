import { Admission } from '../async/admission.ts';
import type { Task } from '../async/task.ts';
import { Waits } from '../async/waits.ts';
import { Loans } from './borrowed-resource.ts';
import { GuestTrap } from './guest-trap.ts';
import { HandleTable } from './handle-table.ts';
import { Transit } from './transit.ts';

export interface PartInit {
  /** @default true */
  readonly isAlone?: boolean;
  /** The program's. */
  readonly waits?: Waits;
  readonly transit?: Transit;
}

/** One of the components that a program is made of, as it runs. Most programs have but one. */
export class Part {
  /** Its number in the plan. */
  readonly index: number;
  readonly handles = new HandleTable();
  readonly admission: Admission;
  /** The task that the component is in, where it was called asynchronously or by another one. */
  task: Task | undefined;
  /** What the call lends whose values are being passed. */
  loans = new Loans();
  /** Whether the program has no other component. */
  readonly isAlone: boolean;
  /** What its calls wait for, and those of the program's other components. */
  readonly waits: Waits;
  /** What it and others have given away, and nobody got yet. */
  readonly transit: Transit;
  #isClosed = false;
  /** Calls that do not wait for their turn, each made while the one before it is under way. */
  #depth = 0;
  #shallower: (() => void)[] = [];

  constructor(
    index: number,
    { isAlone = true, waits = new Waits(), transit = new Transit() }: PartInit = {},
  ) {
    this.index = index;
    this.isAlone = isAlone;
    this.waits = waits;
    this.transit = transit;
    this.admission = new Admission({ waits });
  }

  /** Begins a call that interrupts whatever the component was doing. */
  interrupt(): void {
    this.#depth++;
  }

  /** Ends such a call. */
  resume(): void {
    this.#depth--;
    const waiting = this.#shallower;
    this.#shallower = [];
    for (const wake of waiting) wake();
  }

  /**
   * What was waited for, as soon as all calls are over that interrupted the waiting: they are on top
   * of the stack in the component's memory.
   */
  async afterInterruptions<T>(waiting: Promise<T>): Promise<T> {
    const depth = this.#depth;
    const outcome = await waiting;
    while (this.#depth > depth) {
      await new Promise<void>((resolve) => this.#shallower.push(resolve));
    }
    return outcome;
  }

  /** Has the component allocate for its caller, or clean up, while it may call nobody. */
  aside<T>(act: () => T): T {
    this.#isClosed = true;
    const outcome = act();
    this.#isClosed = false;
    return outcome;
  }

  /** @throws {GuestTrap} where the component calls somebody and may not */
  leave(): void {
    if (this.#isClosed) {
      throw new GuestTrap('Cannot leave the component: it allocates or cleans up for its caller');
    }
  }

  /**
   * Makes it as it was before the first call, but for its memory.
   *
   * @throws what a resource throws that is dropped; it is as it was all the same
   */
  reset(): void {
    try {
      this.handles.clear();
    } finally {
      this.admission.reset();
      this.task = undefined;
      this.#isClosed = false;
      this.#depth = 0;
      this.#shallower = [];
    }
  }
}
