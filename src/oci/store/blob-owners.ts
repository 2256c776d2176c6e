import { existsSync, writeFileSync } from 'node:fs';
import type { Digest } from '../content/digest.ts';
import type { StoreLayout } from './store-layout.ts';

/**
 * Remembers for a day who has brought which blobs in full, in files that processes share: a pull that
 * failed goes on with what it has brought, and nobody else does.
 */
export class BlobOwners {
  readonly #layout: StoreLayout;

  constructor({ layout }: { layout: StoreLayout }) {
    this.#layout = layout;
  }

  /** Without a pause, as a turn of the thread pool takes a hundred times as long as the call. */
  note(digest: Digest, owner: string): void {
    writeFileSync(this.#layout.broughtBy(digest, owner), '', { mode: 0o600 });
  }

  has(digest: Digest, owner: string): boolean {
    return existsSync(this.#layout.broughtBy(digest, owner));
  }
}
