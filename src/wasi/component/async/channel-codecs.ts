import type { Codec } from '../abi/codec.ts';
import type { Guest } from '../abi/guest.ts';
import { GuestTrap } from '../abi/guest-trap.ts';
import { handleCodec } from '../abi/handles.ts';
import { areSameItems, type Typed, typeIdentity } from '../abi/type-identity.ts';
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
function readableEnd<T>(kind: ChannelKind, item: Codec<T>): Codec<Channel<T>> {
  return handleCodec(
    () => typeIdentity(kind, [item]),
    (guest, handle) => {
      const channel = takeReadable(guest, handle, kind, item) as Channel<T>;
      channel.codec ??= item;
      channel.isHosts = true;
      return channel;
    },
    (guest, channel) => {
      channel.codec ??= item;
      return giveReadable(guest, channel as Channel<unknown>, kind);
    },
  );
}

export type ChannelKind = 'stream' | 'future';

/**
 * Takes a readable end from a guest. What its items are is known from the first time that it is passed on,
 * and before that for numbers: who reads others than were written would take them for what they are not.
 */
export function takeReadable(
  guest: Guest,
  handle: number,
  kind: ChannelKind,
  item: Typed,
): Channel<unknown> {
  const end = guest.handles.borrow(handle, ChannelEnd);
  if (end.kind !== kind || end.side !== 'read' || end.state !== 'idle' || end.isInSet) {
    throw new GuestTrap(`Cannot pass handle ${handle}: it is no ${kind} that nobody reads`);
  }
  const { codec, passing } = end.channel;
  if ([codec, passing].some((known) => known !== undefined && !areSameItems(known, item))) {
    throw new GuestTrap(`Cannot pass a ${kind}: it is one of other items`);
  }
  guest.handles.take(handle, ChannelEnd);
  return end.channel;
}

/** Gives a guest the readable end. */
export function giveReadable(guest: Guest, channel: Channel<unknown>, kind: ChannelKind): number {
  const end = new ChannelEnd(channel, kind, 'read');
  const handle = guest.handles.add(end);
  end.givenHandle(handle);
  return handle;
}
