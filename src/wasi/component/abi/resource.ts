/**
 * Something a guest holds by handle. A child (a body of its response, a stream of its body, a
 * pollable of its stream) must be dropped before its parent, as WASI demands.
 */
export abstract class Resource {
  readonly #parent: Resource | undefined;
  #children = 0;
  #loans = 0;

  constructor(parent?: Resource) {
    this.#parent = parent;
  }

  get hasChildren(): boolean {
    return this.#children > 0;
  }

  /** Whether it is lent to another component, and its handle has to stay. */
  get isLent(): boolean {
    return this.#loans > 0;
  }

  lend(): void {
    this.#loans++;
  }

  takeBack(): void {
    this.#loans--;
  }

  /** Called by the handle table when the resource gets a handle of its own. */
  attach(): void {
    if (this.#parent !== undefined) this.#parent.#children++;
  }

  /** Called by the handle table when the handle is gone, dropped or passed to the host. */
  detach(): void {
    if (this.#parent !== undefined) this.#parent.#children--;
  }

  /** Releases what the resource holds: the guest dropped it, or its request is over. */
  drop(): void {}
}

/** A class of resources; what a handle is checked against. */
export type ResourceClass<T extends Resource> = abstract new (...args: never[]) => T;
