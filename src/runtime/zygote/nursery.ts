import type { Orders } from '../container/run-forked.ts';
import type { ContainerChild } from './container-child.ts';
import { ForkedChild, type ForkedChildComponents } from './forked-child.ts';

/**
 * Keeps one forked child ahead of the demand: most of what a start takes, the fork and the faults
 * of the first pages, then lies behind it.
 */
export class Nursery implements Disposable {
  readonly #components: ForkedChildComponents;
  #spare: ForkedChild | undefined;

  constructor(components: ForkedChildComponents) {
    this.#components = components;
  }

  /** Forks the spare child, unless there is one. */
  refill(): void {
    if (this.#spare?.ended) this.#take()?.discard();
    this.#spare ??= new ForkedChild(this.#components);
  }

  /** A container process: the spare child, or one that is forked now. */
  child({ directory, cgroups }: Orders): ContainerChild {
    if (this.#spare?.ended) this.#take()?.discard();
    const child = this.#take() ?? new ForkedChild(this.#components);
    return child.become({ directory, cgroups });
  }

  [Symbol.dispose](): void {
    this.#take()?.discard();
  }

  #take(): ForkedChild | undefined {
    const spare = this.#spare;
    this.#spare = undefined;
    return spare;
  }
}
