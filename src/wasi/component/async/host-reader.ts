import type { Channel, ItemTarget } from './channel.ts';

/**
 * Reads from a channel as the host.
 *
 * @returns at least one item and at most `most`; undefined at the end; rejects where the writer's
 *   items turn out to be none
 */
export function takeItems<T>(channel: Channel<T>, most: number): Promise<ArrayLike<T> | undefined> {
  return new Promise((resolve, reject) => {
    const target = new HostTarget<T>(most, reject);
    try {
      channel.read(target, () => resolve(target.items));
    } catch (cause) {
      reject(cause);
    }
  });
}

/** Drops the reader's end; whoever waits to have something read is told of the end. */
export function stopReading(channel: Channel<unknown>): void {
  channel.cancelRead();
  channel.dropReader();
}

/** The value of a future; undefined where its writer went away without one. */
export async function takeValue<T>(future: Channel<T>): Promise<T | undefined> {
  const items = await takeItems(future, 1);
  return items?.[0];
}

class HostTarget<T> implements ItemTarget<T> {
  readonly #most: number;
  readonly fail: (cause: unknown) => void;
  items: ArrayLike<T> | undefined;

  constructor(most: number, fail: (cause: unknown) => void) {
    this.#most = most;
    this.fail = fail;
  }

  get remaining(): number {
    return this.#most - (this.items?.length ?? 0);
  }

  put(items: ArrayLike<T>): void {
    // Bytes are a view of the guest's memory; items of other types are values already.
    const isView = items instanceof Uint8Array;
    const kept = isView ? (Uint8Array.from(items) as unknown as ArrayLike<T>) : items;
    this.items = this.items === undefined ? kept : [...Array.from(this.items), ...Array.from(kept)];
  }
}
