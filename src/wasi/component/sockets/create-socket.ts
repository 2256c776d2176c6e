import type { AddressFamily } from '../../system/network-sockets.ts';
import type { Guest } from '../abi/guest.ts';
import { ok } from '../abi/variants.ts';
import { errorCodeOf, type Outcome, refuse } from './error-code.ts';
import { OpenSocket } from './open-socket.ts';

/** Opens a socket for a guest; `access-denied` where it is given no network. */
export function createSocket(
  { world: { system, network } }: Guest,
  kind: 'tcp' | 'udp',
  family: AddressFamily,
): Outcome<OpenSocket> {
  if (network === undefined) return refuse('access-denied');
  const handle = network.sockets.open(kind, family);
  if (handle < 0) return refuse(errorCodeOf(-handle));
  return ok(new OpenSocket({ system, network }, handle));
}
