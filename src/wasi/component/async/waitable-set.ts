import { Resource } from '../abi/resource.ts';
import type { Readiness } from '../io/readiness.ts';
import { type Event, noEvent, type Waitable } from './waitable.ts';

/** What a guest waits for at once. */
export class WaitableSet extends Resource {
  readonly #members = new Set<Waitable>();
  #wakes: (() => void)[] = [];
  #waiting = 0;

  /** Ready when {@link take} has an event to give. */
  readonly readiness: Readiness = {
    ready: () => this.#members.values().some((member) => member.hasEvent),
    source: () => ({
      kind: 'event',
      happened: new Promise<void>((resolve) => {
        this.#wakes.push(resolve);
      }),
    }),
  };

  /** Whether there is, or may come, an event to {@link take} while all guests do nothing. */
  get mayHappen(): boolean {
    return this.#members.values().some((member) => member.hasEvent || member.mayHappen);
  }

  /** Whether somebody {@link waitFor waits} for this, who then has to be told first. */
  get isWaitedFor(): boolean {
    return this.#waiting > 0;
  }

  /** Somebody waits for this now. @returns a function that ends it */
  waitFor(): () => void {
    let isOver = false;
    this.#waiting++;
    return () => {
      if (!isOver) this.#waiting--;
      isOver = true;
    };
  }

  get isEmpty(): boolean {
    return this.#members.size === 0;
  }

  add(member: Waitable): void {
    this.#members.add(member);
    if (member.hasEvent) this.wake();
  }

  remove(member: Waitable): void {
    this.#members.delete(member);
  }

  wake(): void {
    const wakes = this.#wakes;
    this.#wakes = [];
    for (const wake of wakes) wake();
  }

  /** The event of a member; whose turn it was is asked last from then on. */
  take(): Event {
    const member = this.#members.values().find((candidate) => candidate.hasEvent);
    if (member === undefined) return noEvent;
    this.#members.delete(member);
    this.#members.add(member);
    return member.takeEvent();
  }
}
