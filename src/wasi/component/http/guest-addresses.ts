import type { System } from '../../system/system.ts';
import { Cancellation } from '../io/cancellation.ts';
import { SuspendingWaiter } from '../io/suspending-waiter.ts';
import type { GuestNetwork } from '../sockets/guest-network.ts';

/** Resolves names as the guest's own lookups do; fails as the system's resolver does. */
export function guestAddresses(
  network: Pick<GuestNetwork, 'resolve'>,
  system: System,
): (name: string) => Promise<readonly string[]> {
  const waiter = new SuspendingWaiter(system);
  return async (name) => {
    const resolution = network.resolve(name);
    await waiter.wait([resolution.readiness], new Cancellation());
    const { outcome } = resolution;
    if (outcome.kind === 'found') return outcome.addresses;
    const code = outcome.code === 'name-unresolvable' ? 'ENOTFOUND' : 'EAI_AGAIN';
    throw Object.assign(new Error(`Cannot resolve '${name}': ${outcome.code}`), { code });
  };
}
