import { typeIdentity } from '../abi/type-identity.ts';
import { unit } from '../abi/variants.ts';
import type { ItemCodec } from '../async/channel.ts';
import { type ChannelKind, giveReadable, takeReadable } from '../async/channel-codecs.ts';
import { handleType } from './handles.ts';
import type { ValueType } from './value-type.ts';

/** The readable end of a stream or a future. What passes through it goes from guest to guest. */
export function channel(kind: ChannelKind, item: ItemCodec = unit): ValueType {
  return handleType(
    () => typeIdentity(kind, [item]),
    (guest, handle) => {
      const taken = takeReadable(guest, handle, kind, item);
      guest.part.transit.add(taken, { drop: () => taken.dropReader() });
      taken.passing ??= item;
      return taken;
    },
    (guest, given) => {
      const handle = giveReadable(guest, given, kind);
      guest.part.transit.arrived(given);
      return handle;
    },
  );
}
