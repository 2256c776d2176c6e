import type { Codec } from '../abi/codec.ts';
import type { Guest } from '../abi/guest.ts';
import { GuestTrap } from '../abi/guest-trap.ts';
import { u8, u16, u32, u64, unsignedAt } from '../abi/numbers.ts';
import { unit } from '../abi/variants.ts';
import type { BuiltInSource, ElementSize } from '../link/link-plan.ts';
import {
  afterwards,
  type BuiltIn,
  blocked,
  builtIn,
  mustBeInNoSet,
  waitingBuiltIn,
} from './built-in.ts';
import { Channel } from './channel.ts';
import { ChannelEnd } from './channel-end.ts';
import { GuestSource, GuestTarget } from './guest-buffers.ts';

type Kind = 'stream' | 'future';
type Side = 'read' | 'write';

/** What a guest does with its ends of streams and futures. */
export const channelBuiltIns: Readonly<Record<string, BuiltIn>> = {
  ...functionsOf('stream'),
  ...functionsOf('future'),
};

function functionsOf(kind: Kind): Record<string, BuiltIn> {
  return {
    [`${kind}.new`]: builtIn((guest, source) => () => makeChannel(guest, kind, source)),
    [`${kind}.read`]: copy(kind, 'read'),
    [`${kind}.write`]: copy(kind, 'write'),
    [`${kind}.cancel-read`]: cancel(kind, 'read'),
    [`${kind}.cancel-write`]: cancel(kind, 'write'),
    [`${kind}.drop-readable`]: drop(kind, 'read'),
    [`${kind}.drop-writable`]: drop(kind, 'write'),
  };
}

/** @returns the handles of both ends: the readable one in the lower half */
function makeChannel({ handles }: Guest, kind: Kind, { elementSize }: BuiltInSource): bigint {
  const channel = new Channel<unknown>();
  channel.codec = numberCodec(elementSize);
  const [readable, writable] = (['read', 'write'] as const).map((side) => {
    const end = new ChannelEnd(channel, kind, side);
    const handle = handles.add(end);
    end.givenHandle(handle);
    return BigInt(handle);
  });
  return (readable ?? 0n) | ((writable ?? 0n) << 32n);
}

/** Numbers are copied as they are, whether they are signed or not, or floats. */
function numberCodec(size: ElementSize): Codec<unknown> | undefined {
  const codecs = { 0: unit, 1: u8, 2: u16, 4: u32, 8: u64 };
  return size === undefined ? undefined : (codecs[size] as Codec<unknown>);
}

function copy(kind: Kind, side: Side): BuiltIn {
  return waitingBuiltIn((guest, { async }) => (...values) => {
    const end = endOf(guest, unsignedAt(values, 0), kind, side);
    if (!async) mustBeInNoSet(end);
    const length = kind === 'future' ? 1 : unsignedAt(values, 2);
    const place = { guest, pointer: unsignedAt(values, 1), length };
    if (side === 'read') end.read(new GuestTarget(end.channel, place));
    else end.write(new GuestSource(end.channel, place));
    return outcome(guest, end, async);
  });
}

function cancel(kind: Kind, side: Side): BuiltIn {
  return waitingBuiltIn((guest, { async }) => (...values) => {
    const end = endOf(guest, unsignedAt(values, 0), kind, side);
    if (!async) mustBeInNoSet(end);
    end.cancel();
    return outcome(guest, end, async);
  });
}

function drop(kind: Kind, side: Side): BuiltIn {
  return builtIn((guest) => (...values) => {
    const end = endOf(guest, unsignedAt(values, 0), kind, side);
    if (end.state === 'copying') throw new GuestTrap(`Cannot drop a ${kind}: it is in use`);
    if (kind === 'future' && side === 'write' && end.state !== 'done') {
      throw new GuestTrap('Cannot drop a future: nothing was written to it');
    }
    guest.handles.drop(unsignedAt(values, 0), ChannelEnd);
    return undefined;
  });
}

function endOf({ handles }: Guest, handle: number, kind: Kind, side: Side): ChannelEnd {
  const end = handles.borrow(handle, ChannelEnd);
  if (end.kind === kind && end.side === side) return end;
  throw new GuestTrap(`Cannot use handle ${handle}: it is no end to ${side} a ${kind}`);
}

/** How a copy ended; or that it has not, for a guest that does not wait. */
function outcome(guest: Guest, end: ChannelEnd, async: boolean): number | Promise<number> {
  if (end.hasEvent) return end.takeEvent()[2];
  if (async) return blocked;
  return afterwards(guest, end, () => end.takeEvent()[2]);
}
