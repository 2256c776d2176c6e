import type { Channel, ItemTarget } from './channel.ts';

/**
 * Reads from a channel as the host.
 *
 * @returns at least one item and at most `most`; undefined at the end
 */
export function takeItems<T>(channel: Channel<T>, most: number): Promise<ArrayLike<T> | undefined> {
  const target = new HostTarget<T>(most);
  return new Promise((resolve, reject) => {
    try {
      channel.read(target, () => resolve(target.items));
    } catch (cause) {
      // The writer's own buffer may turn out to be none.
      reject(cause);
    }
  });
}

/** The value of a future; undefined where its writer went away without one. */
export async function takeValue<T>(future: Channel<T>): Promise<T | undefined> {
  const items = await takeItems(future, 1);
  return items?.[0];
}

class HostTarget<T> implements ItemTarget<T> {
  readonly #most: number;
  items: ArrayLike<T> | undefined;

  constructor(most: number) {
    this.#most = most;
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
