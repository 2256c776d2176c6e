import type { Resource } from './resource.ts';

/**
 * What a guest lends to one call of the host: its handles stay until the call has returned, as others
 * of the guest's tasks may run meanwhile.
 *
 * @see https://github.com/WebAssembly/component-model/blob/main/design/mvp/CanonicalABI.md#canon-lower
 */
export class HostLoans {
  readonly #entries: Resource[] = [];
  #isLent = false;

  add(entry: Resource): void {
    this.#entries.push(entry);
  }

  /** Called when the call does not return at once. */
  lend(): void {
    this.#isLent = true;
    for (const entry of this.#entries) entry.lend();
  }

  /** Called when it has returned, or nobody waits for it any more; once is enough. */
  end(): void {
    if (!this.#isLent) return;
    this.#isLent = false;
    for (const entry of this.#entries) entry.takeBack();
  }
}
