import type { AbortOptions } from '../provider.ts';
import { AddressRange } from './address-range.ts';
import { ip, LocalNetworkError } from './ip-command.ts';

/**
 * Makes every address of a range this machine's own (AnyIP): whatever arrives for one of them is
 * taken in, and sockets of IPv4 may be bound to it. Does nothing where that is so already.
 *
 * @throws {LocalNetworkError} where the machine does not let us, or has no `ip`
 */
export async function addLocalRoute(cidr: string, options: AbortOptions = {}): Promise<void> {
  const { family } = new AddressRange(cidr);
  await ip(family, ['route', 'replace', 'local', cidr, 'dev', 'lo'], options);
}

/**
 * Takes `addLocalRoute` back, and what `addLocalAddress` has added within the range; does nothing where
 * there is no such route.
 */
export async function removeLocalRoute(cidr: string, options: AbortOptions = {}): Promise<void> {
  const { family } = new AddressRange(cidr);
  try {
    await ip(family, ['route', 'del', 'local', cidr, 'dev', 'lo'], options);
    if (family === 6) await ip(family, ['address', 'flush', 'dev', 'lo', 'to', cidr], options);
  } catch (error) {
    if (!(error instanceof LocalNetworkError && /No such process/.test(error.message))) throw error;
  }
}
