import type { Codec } from '../abi/codec.ts';
import type { Guest } from '../abi/guest.ts';
import { GuestTrap } from '../abi/guest-trap.ts';
import { unsignedAt } from '../abi/numbers.ts';
import type { Channel } from './channel.ts';
import { ChannelEnd } from './channel-end.ts';

/** `stream<T>`. */
export function stream<T>(item: Codec<T>): Codec<Channel<T>> {
  return readableEnd('stream', item);
}

/** `future<T>`. */
export function future<T>(item: Codec<T>): Codec<Channel<T>> {
  return readableEnd('future', item);
}

/** Only the readable end can be passed on: who gives it away no longer has it. */
function readableEnd<T>(kind: 'stream' | 'future', item: Codec<T>): Codec<Channel<T>> {
  const take = (guest: Guest, handle: number): Channel<T> => {
    const end = guest.handles.borrow(handle, ChannelEnd);
    if (end.kind !== kind || end.side !== 'read' || end.state !== 'idle' || end.isInSet) {
      throw new GuestTrap(`Cannot pass handle ${handle}: it is no ${kind} that nobody reads`);
    }
    guest.handles.take(handle, ChannelEnd);
    // A channel of other items than the function's is the guest's own mistake: it is read as these.
    const channel = end.channel as Channel<T>;
    channel.codec ??= item;
    channel.isShared = true;
    return channel;
  };
  const give = (guest: Guest, channel: Channel<T>): number => {
    channel.codec ??= item;
    const end = new ChannelEnd(channel as Channel<unknown>, kind, 'read');
    const handle = guest.handles.add(end);
    end.givenHandle(handle);
    return handle;
  };
  return {
    size: 4,
    align: 4,
    flat: ['i32'],
    load: (guest, pointer) => take(guest, guest.memory.u32(pointer)),
    store: (guest, pointer, value) => guest.memory.setU32(pointer, give(guest, value)),
    lift: (guest, values, at) => take(guest, unsignedAt(values, at)),
    lower: give,
  };
}
