import { GuestTrap } from '../abi/guest-trap.ts';
import { unit } from '../abi/variants.ts';
import type { ItemCodec } from '../async/channel.ts';
import { type ChannelKind, giveReadable, takeReadable } from '../async/channel-codecs.ts';
import { handleType } from './handles.ts';
import type { ValueType } from './value-type.ts';

/** The readable end of a stream or a future. What passes through it goes from guest to guest. */
export function channel(kind: ChannelKind, item: ItemCodec = unit): ValueType {
  return handleType(
    (guest, handle) => {
      const taken = takeReadable(guest, handle, kind);
      taken.passing ??= item;
      if (taken.passing === item) return taken;
      throw new GuestTrap(`Cannot pass a ${kind}: it is one of other items`);
    },
    (guest, given) => giveReadable(guest, given, kind),
  );
}
