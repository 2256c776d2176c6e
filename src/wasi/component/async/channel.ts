import type { Codec } from '../abi/codec.ts';
import { GuestTrap } from '../abi/guest-trap.ts';
import { Resource } from '../abi/resource.ts';

/** How a read or write ended: `dropped` where the other side is gone. */
export type CopyResult = 'completed' | 'dropped' | 'cancelled';

/** Where a writer's items are. */
export interface ItemSource<T> {
  readonly remaining: number;
  /** Whether there were no items from the beginning: the writer only wants to know of a reader. */
  readonly isEmpty?: boolean;
  /** How many items to take at a time, if not all of them. */
  readonly mostAtOnce?: number;
  /** The next items, valid until the writer goes on; at most what is {@link remaining}. */
  take(count: number): ArrayLike<T>;
}

/** Where a reader wants items. */
export interface ItemTarget<T> {
  readonly remaining: number;
  /** Whether there was no room from the beginning: the reader only wants to know of items. */
  readonly isEmpty?: boolean;
  /** Copies items, at most what is {@link remaining}. */
  put(items: ArrayLike<T>): void;
  /** Called when items did not come or {@link put} threw, where no call of the reader's can throw. @default that cannot be */
  fail?(cause: unknown): void;
}

/** The host as the writer of a channel, which is asked whenever somebody reads. */
export interface Producer<T> {
  /**
   * At least one item and at most `most`, which are the channel's from then on; undefined at the
   * end. It does not throw, nor reject.
   */
  produce(most: number): ArrayLike<T> | undefined | Promise<ArrayLike<T> | undefined>;
  /** The reader is gone. */
  cancel(): void;
}

/** How an item is read from memory, and written. */
export type ItemCodec = Pick<Codec<unknown>, 'size' | 'align' | 'load' | 'store' | 'identity'>;

interface Copy<Buffer> {
  readonly buffer: Buffer;
  readonly done: (result: CopyResult) => void;
  readonly copied: OnCopied | undefined;
}

/**
 * Told, instead of that all is done, that some items were copied: more may be until it calls
 * `reclaim`.
 */
export type OnCopied = (reclaim: () => void) => void;

/**
 * A stream or future: whoever comes first, reader or writer, waits for the other. Nothing is kept in
 * between, but what a producer gave for a read that was cancelled.
 */
export class Channel<T> {
  /** How items cross; unknown while only guests have seen the channel. */
  codec: Codec<T> | undefined;
  /** How they cross between the components that it was passed by; the same for all. */
  passing: ItemCodec | undefined;
  /** Whether an end is the host's, or has been. */
  isHosts: boolean;
  readonly #producer: Producer<T> | undefined;
  #producing = false;
  #reader: Copy<ItemTarget<T>> | undefined;
  #writer: Copy<ItemSource<T>> | undefined;
  #isDropped = false;

  constructor(producer?: Producer<T>) {
    this.#producer = producer;
    this.isHosts = producer !== undefined;
  }

  read(target: ItemTarget<T>, done: (result: CopyResult) => void, copied?: OnCopied): void {
    const writer = this.#writer;
    if (writer !== undefined && writer.buffer.remaining > 0) {
      if (target.remaining > 0) {
        copyItems(writer.buffer, target);
        this.#copied(writer);
      }
      done('completed');
    } else if (this.#isDropped) {
      done('dropped');
    } else {
      this.#writer = undefined;
      this.#reader = { buffer: target, done, copied };
      writer?.done('completed');
      this.#askProducer(target.remaining);
    }
  }

  write(source: ItemSource<T>, done: (result: CopyResult) => void, copied?: OnCopied): void {
    const reader = this.#reader;
    if (this.#isDropped) {
      done('dropped');
    } else if (reader !== undefined && reader.buffer.remaining > 0) {
      if (source.remaining > 0) {
        copyItems(source, reader.buffer);
        this.#copied(reader);
      }
      done('completed');
    } else if (source.isEmpty && reader?.buffer.isEmpty) {
      done('completed');
    } else {
      this.#reader = undefined;
      this.#writer = { buffer: source, done, copied };
      reader?.done('completed');
    }
  }

  cancelRead(): void {
    const reader = this.#reader;
    this.#reader = undefined;
    reader?.done('cancelled');
  }

  cancelWrite(): void {
    const writer = this.#writer;
    this.#writer = undefined;
    writer?.done('cancelled');
  }

  dropReader(): void {
    this.#reader = undefined;
    this.#close();
    const writer = this.#writer;
    this.#writer = undefined;
    writer?.done('dropped');
    this.#producer?.cancel();
  }

  /** What a guest has not been rid of is lost with it: its memory may be another's by then. */
  dropWriter(): void {
    this.#writer = undefined;
    this.#close();
  }

  #close(): void {
    this.#isDropped = true;
    const reader = this.#reader;
    this.#reader = undefined;
    reader?.done('dropped');
  }

  #copied(copy: Copy<unknown>): void {
    const reclaim = () => {
      if (this.#reader === copy) this.#reader = undefined;
      if (this.#writer === copy) this.#writer = undefined;
    };
    if (copy.copied !== undefined) {
      copy.copied(reclaim);
      return;
    }
    reclaim();
    copy.done('completed');
  }

  #askProducer(most: number): void {
    if (this.#producer === undefined || this.#producing) return;
    const produced = this.#producer.produce(most);
    if (!(produced instanceof Promise)) {
      this.#take(produced);
      return;
    }
    this.#producing = true;
    produced
      .then((items) => {
        this.#producing = false;
        this.#take(items);
      })
      .catch((cause: unknown) => this.#failReader(cause));
  }

  /** No items have come, or such as the reader has no room for, though it said so. */
  #failReader(cause: unknown): void {
    const target = this.#reader?.buffer;
    if (target?.fail === undefined) throw cause;
    this.#reader = undefined;
    this.#close();
    target.fail(cause);
  }

  #take(items: ArrayLike<T> | undefined): void {
    if (items === undefined) this.#close();
    else this.#offer(new HostSource(items));
  }

  /** What one reader leaves, the next one finds. */
  #offer(source: HostSource<T>): void {
    this.write(source, () => {
      if (this.#isDropped) source.drop();
      else if (source.remaining > 0) this.#offer(source);
    });
  }
}

/** Copies as many items as there are and as there is room for. */
function copyItems<T>(source: ItemSource<T>, target: ItemTarget<T>): void {
  for (let left = Math.min(source.remaining, target.remaining); left > 0; ) {
    const count = Math.min(left, source.mostAtOnce ?? left);
    target.put(source.take(count));
    left -= count;
  }
}

/** The codec of a channel's items, which a host function knows and a lone guest may not. */
export function codecOf(channel: Channel<unknown>): ItemCodec {
  const codec = channel.codec ?? channel.passing;
  if (codec !== undefined) return codec;
  throw new GuestTrap('Cannot pass items from a guest to itself: they are no numbers');
}

class HostSource<T> implements ItemSource<T> {
  readonly #items: ArrayLike<T>;
  #taken = 0;

  constructor(items: ArrayLike<T>) {
    this.#items = items;
  }

  get remaining(): number {
    return this.#items.length - this.#taken;
  }

  /** Drops the resources that nobody has taken. */
  drop(): void {
    const left = this.#items instanceof Uint8Array ? [] : this.take(this.remaining);
    for (const item of Array.from(left)) if (item instanceof Resource) item.drop();
  }

  take(count: number): ArrayLike<T> {
    const start = this.#taken;
    this.#taken += count;
    if (start === 0 && count === this.#items.length) return this.#items;
    if (this.#items instanceof Uint8Array) {
      // Bytes are numbers: T is number here.
      return this.#items.subarray(start, this.#taken) as unknown as ArrayLike<T>;
    }
    return Array.prototype.slice.call(this.#items, start, this.#taken);
  }
}
