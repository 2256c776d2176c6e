import { getSystemErrorName } from 'node:util';
import { openListeningSocket } from '../../wasi/libc/listening-socket.ts';
import type { ListenerSpec } from '../container-spec.ts';
import { SandboxError } from '../sandbox/sandbox-error.ts';

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'this user may not listen there: choose a port from 1024 on',
  EADDRINUSE: 'something listens there already: choose another port',
  EADDRNOTAVAIL: 'this machine has no such address',
};

/**
 * Opens the socket that a container listens on.
 *
 * @throws {SandboxError} which says what stands in the way
 */
export function openListener({ address, port }: Pick<ListenerSpec, 'address' | 'port'>): number {
  const fd = openListeningSocket(address, port);
  if (fd >= 0) return fd;
  const code = getSystemErrorName(fd);
  const reason = reasons[code];
  const why = reason === undefined ? code : `${reason} (${code})`;
  throw new SandboxError(`Cannot listen on ${address} port ${port}: ${why}`);
}
