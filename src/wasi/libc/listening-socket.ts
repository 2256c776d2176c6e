import { callResult } from './call-result.ts';
import { libc } from './library.ts';
import { encodeSocketAddress } from './socket-address.ts';
import { place } from './struct-page.ts';

const streamCloseOnExec = 0o2000001; // SOCK_STREAM | SOCK_CLOEXEC
const closeOnExecNonblock = 0o2004000; // SOCK_CLOEXEC | SOCK_NONBLOCK
const levelSocket = 1;
const reuseAddress = 2;
const backlog = 4096; // the kernel takes less where net.core.somaxconn is less

/** Listens on a TCP port of an address. A descriptor, or a negated errno. */
export function openListeningSocket(address: string, port: number): number {
  const name = encodeSocketAddress({ address, port });
  const [family = 0] = name;
  const fd = callResult(libc.socket(family, streamCloseOnExec, 0));
  if (fd < 0) return fd;
  const result = bindAndListen(fd, name);
  if (result === 0) return fd;
  libc.close(fd);
  return result;
}

function bindAndListen(fd: number, name: Uint8Array): number {
  const [one, pointer] = place(new Uint8Array(Uint32Array.of(1).buffer), name);
  const reused = callResult(libc.setsockopt(fd, levelSocket, reuseAddress, one, 4));
  if (reused < 0) return reused;
  const bound = callResult(libc.bind(fd, pointer, name.length));
  return bound < 0 ? bound : callResult(libc.listen(fd, backlog));
}

/**
 * Takes a connection that waits at a socket that listens. A descriptor that does not block, or a negated
 * errno: EAGAIN where none waits and the socket does not block.
 */
export function acceptConnection(fd: number): number {
  return callResult(libc.accept4(fd, 0n, 0n, closeOnExecNonblock));
}

/**
 * Lets the kernel make one more connection at most for a socket that listens, so that those which
 * wait to be accepted can be, before it is closed: closing it would reset them. 0 or a negated errno.
 */
export function stopConnections(fd: number): number {
  return callResult(libc.listen(fd, 0));
}
