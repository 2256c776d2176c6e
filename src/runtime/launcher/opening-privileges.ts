import { capabilities } from '../../wasi/libc/capabilities.ts';
import type { UserSpec } from '../container-spec.ts';
import { becomeUser, dropCapabilityBound } from '../sandbox/privileges.ts';

/** What the executed program needs to open the container's files and then become its user. */
const openingCapabilities = [capabilities.dacOverride, capabilities.setgid, capabilities.setuid];

/**
 * Leaves the program that is executed next the few capabilities that opening takes. It loses them
 * in all of its threads when it becomes the container's user; root would not lose them that way,
 * so that user is taken on now, and nothing is left.
 */
export function limitPrivilegesForOpening(user: UserSpec): void {
  if (user.uid === 0) {
    becomeUser(user);
    dropCapabilityBound();
  } else {
    dropCapabilityBound(openingCapabilities);
  }
}
