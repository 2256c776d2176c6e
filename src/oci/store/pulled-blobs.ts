import type { Digest } from '../content/digest.ts';

/** Blobs of one pull, until disposed of. */
export interface BlobsOfPull extends Disposable {
  add(digest: Digest): void;
}

/** The blobs of pulls that are under way in this process: no image has them yet. */
export class PulledBlobs {
  readonly #pulls = new Set<ReadonlySet<Digest>>();

  begin(): BlobsOfPull {
    const blobs = new Set<Digest>();
    this.#pulls.add(blobs);
    return {
      add: (digest) => void blobs.add(digest),
      [Symbol.dispose]: () => void this.#pulls.delete(blobs),
    };
  }

  has(digest: Digest): boolean {
    return this.#pulls.values().some((blobs) => blobs.has(digest));
  }
}
