import { errno, errnoName } from '../../errno.ts';
import type { CoreValue } from '../abi/codec.ts';
import type { Guest } from '../abi/guest.ts';
import { GuestTrap } from '../abi/guest-trap.ts';
import { type HostFunction, hostFunction } from '../abi/host-function.ts';
import { u64, unsignedAt } from '../abi/numbers.ts';

/** More than this in one call is a mistake of the guest's. */
const longest = 1n << 24n;

/**
 * `func(len: u64) -> list<u8>`, filled in place. Every random interface has the same source: there
 * is none that is only insecure.
 */
export const randomBytes: HostFunction = {
  suspends: false,
  bind:
    (guest) =>
    (...values) => {
      fill(guest, u64.lift(guest, values, 0), values);
      return undefined;
    },
};

/** `func() -> u64`. */
export const randomU64: HostFunction = hostFunction([], u64, randomNumber);

export function randomNumber(): bigint {
  return crypto.getRandomValues(new BigUint64Array(1))[0] ?? 0n;
}

function fill(guest: Guest, wanted: bigint, values: readonly CoreValue[]): void {
  if (wanted > longest) throw new GuestTrap(`Cannot make ${wanted} random bytes: too many`);
  const length = Number(wanted);
  const pointer = guest.allocate(1, length);
  guest.memory.mark(pointer, length);
  const status = guest.world.system.random.fill(guest.memory.linear, pointer, length);
  if (status !== errno.success) {
    throw new GuestTrap(`Cannot make random bytes: ${errnoName(status)}`);
  }
  const returnAt = unsignedAt(values, 1);
  guest.memory.setU32(returnAt, pointer);
  guest.memory.setU32(returnAt + 4, length);
}
