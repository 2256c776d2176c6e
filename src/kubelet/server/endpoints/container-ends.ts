import type { Container } from '../../provider.ts';

/**
 * Signals that containers have ended, one a container for all who ask: what each of them left with
 * the container itself would stay there as long as it runs.
 */
export class ContainerEnds {
  readonly #ends = new WeakMap<Container, AbortSignal>();

  /** Aborted when the container has ended. */
  of(container: Container): AbortSignal {
    const known = this.#ends.get(container);
    if (known !== undefined) return known;
    const ended = new AbortController();
    this.#ends.set(container, ended.signal);
    void container.exited.then(() => ended.abort());
    return ended.signal;
  }
}
