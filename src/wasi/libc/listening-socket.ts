import { isIPv4, isIPv6 } from 'node:net';
import { callResult } from './call-result.ts';
import { libc } from './library.ts';
import { place } from './struct-page.ts';

const familyIPv4 = 2;
const familyIPv6 = 10;
const streamCloseOnExec = 0o2000001; // SOCK_STREAM | SOCK_CLOEXEC
const levelSocket = 1;
const reuseAddress = 2;
const backlog = 4096; // the kernel takes less where net.core.somaxconn is less

/** Listens on a TCP port of an address. A descriptor, or a negated errno. */
export function openListeningSocket(address: string, port: number): number {
  const name = socketAddress(address, port);
  const fd = callResult(libc.socket(name.getUint16(0, true), streamCloseOnExec, 0));
  if (fd < 0) return fd;
  const result = bindAndListen(fd, new Uint8Array(name.buffer));
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

/** A `struct sockaddr_in` or `sockaddr_in6`: the port and the address in network order. */
function socketAddress(address: string, port: number): DataView {
  if (isIPv4(address)) {
    const name = new DataView(new ArrayBuffer(16));
    name.setUint16(0, familyIPv4, true);
    name.setUint16(2, port);
    for (const [index, part] of address.split('.').entries())
      name.setUint8(4 + index, Number(part));
    return name;
  }
  if (!isIPv6(address)) throw new Error(`Cannot listen on '${address}': not an IP address`);
  const name = new DataView(new ArrayBuffer(28));
  name.setUint16(0, familyIPv6, true);
  name.setUint16(2, port);
  for (const [index, group] of ipv6Groups(address).entries()) name.setUint16(8 + index * 2, group);
  return name;
}

/** The eight groups of an address that `isIPv6` has accepted. */
function ipv6Groups(address: string): number[] {
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [head = '', tail] = canonical.split('::');
  const before = groupsOf(head);
  if (tail === undefined) return before;
  const after = groupsOf(tail);
  return [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after];
}

function groupsOf(text: string): number[] {
  return text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));
}
