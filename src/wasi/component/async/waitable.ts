import { Resource } from '../abi/resource.ts';
import type { Readiness } from '../io/readiness.ts';
import type { WaitableSet } from './waitable-set.ts';

/** Kinds of events, by the numbers of the canonical ABI. */
export const eventCode = {
  none: 0,
  subtask: 1,
  streamRead: 2,
  streamWrite: 3,
  futureRead: 4,
  futureWrite: 5,
  taskCancelled: 6,
} as const;

/** What a guest is told: a kind, the handle it is about, and a payload. */
export type Event = readonly [code: number, handle: number, payload: number];

/** Nothing has happened. */
export const noEvent: Event = [eventCode.none, 0, 0];

/** Something with a handle that a guest can wait for: a subtask, or an end of a stream or future. */
export abstract class Waitable extends Resource {
  #event: (() => Event) | undefined;
  #set: WaitableSet | undefined;
  #wake: (() => void) | undefined;

  /** For a guest that waits for this alone. */
  readonly readiness: Readiness = {
    ready: () => this.hasEvent,
    source: () => ({
      kind: 'event',
      happened: new Promise<void>((resolve) => {
        this.#wake = resolve;
      }),
    }),
  };

  /** Whether something may still happen to this while all guests do nothing. */
  abstract readonly mayHappen: boolean;

  get hasEvent(): boolean {
    return this.#event !== undefined;
  }

  get isInSet(): boolean {
    return this.#set !== undefined;
  }

  /** @param event made when the guest is told, so that it is of that moment */
  setEvent(event: () => Event): void {
    this.#event = event;
    this.#wake?.();
    this.#set?.wake();
  }

  takeEvent(): Event {
    const event = this.#event;
    this.#event = undefined;
    return event?.() ?? noEvent;
  }

  /** Makes this a member of a set, of no other, or of none. */
  join(set: WaitableSet | undefined): void {
    this.#set?.remove(this);
    this.#set = set;
    set?.add(this);
  }

  override drop(): void {
    this.join(undefined);
  }
}
