import type { Guest } from '../abi/guest.ts';
import { GuestTrap } from '../abi/guest-trap.ts';
import { u8 } from '../abi/numbers.ts';
import { uncatchable } from '../abi/uncatchable.ts';
import {
  type Channel,
  codecOf,
  type ItemCodec,
  type ItemSource,
  type ItemTarget,
} from './channel.ts';

/** More items than this no buffer has: their number shares 32 bits with a result. */
const mostItems = 2 ** 28 - 1;

/** Where in a guest's memory items are, or shall be. */
export interface BufferPlace {
  readonly guest: Guest;
  readonly pointer: number;
  readonly length: number;
}

abstract class BufferInGuest {
  readonly place: BufferPlace;
  readonly channel: Channel<unknown>;
  progress = 0;

  constructor(channel: Channel<unknown>, place: BufferPlace) {
    const { guest, pointer, length } = place;
    if (length > mostItems) throw new GuestTrap(`Cannot pass ${length} items at once`);
    const codec = channel.codec ?? channel.passing;
    if (codec !== undefined && codec.size > 0 && length > 0) {
      if (pointer % codec.align !== 0) throw new GuestTrap(`Cannot use ${pointer}: misaligned`);
      guest.memory.slice(pointer, length * codec.size);
    }
    this.channel = channel;
    this.place = place;
  }

  get remaining(): number {
    return this.place.length - this.progress;
  }

  get isEmpty(): boolean {
    return this.place.length === 0;
  }

  /** Where the next `count` items are, which then have been copied. */
  advance(codec: ItemCodec, count: number): number {
    const at = this.place.pointer + this.progress * codec.size;
    this.progress += count;
    return at;
  }
}

/** So many items are values of JavaScript at a time; bytes are none. */
const mostValues = 1 << 16;

/** What a guest writes. */
export class GuestSource extends BufferInGuest implements ItemSource<unknown> {
  get mostAtOnce(): number {
    return codecOf(this.channel) === u8 ? mostItems : mostValues;
  }

  take(count: number): ArrayLike<unknown> {
    const { guest } = this.place;
    const codec = codecOf(this.channel);
    const at = this.advance(codec, count);
    if (codec === u8) return guest.memory.slice(at, count);
    return Array.from({ length: count }, (_, index) => codec.load(guest, at + index * codec.size));
  }
}

/** Where a guest reads to. */
export class GuestTarget extends BufferInGuest implements ItemTarget<unknown> {
  /** That of the call that reads. */
  readonly #cancellation = this.place.guest.cancellation;

  put(items: ArrayLike<unknown>): void {
    const { guest } = this.place;
    const codec = codecOf(this.channel);
    const at = this.advance(codec, items.length);
    if (codec === u8 && items instanceof Uint8Array) {
      guest.memory.write(at, items);
      return;
    }
    for (let index = 0; index < items.length; index++) {
      codec.store(guest, at + index * codec.size, items[index]);
    }
  }

  /** The guest's allocator trapped, or gave what is no memory. */
  fail(cause: unknown): void {
    this.#cancellation.cancel(uncatchable(cause));
  }
}
