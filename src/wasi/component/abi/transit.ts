import { eachOf } from './each-of.ts';

/** What is dropped when it does not arrive. */
interface Droppable {
  drop(): void;
}

/**
 * What is no component's any more, and not another's yet: a value is passed in many steps, and one of them
 * may trap. One for all components of a program, which pass but one value at a time.
 */
export class Transit {
  readonly #leftBy = new Map<object, Droppable>();

  /** @param drop how it is dropped, where not by itself */
  add(thing: object, drop: Droppable): void {
    this.#leftBy.set(thing, drop);
  }

  arrived(thing: object): void {
    this.#leftBy.delete(thing);
  }

  /**
   * Called when nothing is passed: drops what has not arrived, and will not.
   *
   * @throws what one of them throws, once all were dropped
   */
  reset(): void {
    if (this.#leftBy.size === 0) return;
    const left = [...this.#leftBy.values()];
    this.#leftBy.clear();
    eachOf(left, (each) => each.drop());
  }
}
