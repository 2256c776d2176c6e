import type { Guest } from '../abi/guest.ts';
import { GuestTrap } from '../abi/guest-trap.ts';
import { unsignedAt } from '../abi/numbers.ts';
import { unit } from '../abi/variants.ts';
import type { Channel, ItemCodec } from '../async/channel.ts';
import { type ChannelKind, giveReadable, takeReadable } from '../async/channel-codecs.ts';
import type { ValueType } from './value-type.ts';

/** The readable end of a stream or a future. What passes through it goes from guest to guest. */
export function channel(kind: ChannelKind, item: ItemCodec = unit): ValueType {
  const take = (guest: Guest, handle: number): Channel<unknown> => {
    const taken = takeReadable(guest, handle, kind);
    taken.passing ??= item;
    if (taken.passing === item) return taken;
    throw new GuestTrap(`Cannot pass a ${kind}: it is one of other items`);
  };
  const give = (guest: Guest, given: unknown) =>
    giveReadable(guest, given as Channel<unknown>, kind);
  return {
    size: 4,
    align: 4,
    flat: ['i32'],
    load: (guest, pointer) => take(guest, guest.memory.u32(pointer)),
    store: (guest, pointer, value) => guest.memory.setU32(pointer, give(guest, value)),
    lift: (guest, values, at) => take(guest, unsignedAt(values, at)),
    lower: (guest, value, out) => {
      out.push(give(guest, value));
    },
  };
}
