import { errno } from '../errno.ts';
import { lastErrno, outcome, wasiErrno } from '../libc/errno.ts';
import { libc } from '../libc/library.ts';
import { Scratch } from '../libc/scratch.ts';
import {
  decodeSocketAddress,
  encodeSocketAddress,
  familyNumber,
  largestSocketAddress,
} from '../libc/socket-address.ts';
import type {
  AddressFamily,
  Datagram,
  Datagrams,
  Endpoint,
  NetworkSockets,
  SocketOption,
} from '../system/network-sockets.ts';
import type { Handle } from '../system/system.ts';
import { untilDone } from './until-done.ts';

const socketType = { tcp: 1, udp: 2 } as const;
const nonblockCloseOnExec = 0o2004000; // SOCK_NONBLOCK | SOCK_CLOEXEC
const dontWaitNoSignal = 0x4040; // MSG_DONTWAIT | MSG_NOSIGNAL
const largestDatagram = 65_536;
/** What `connect` takes for no destination: AF_UNSPEC. */
const nowhere = new Uint8Array(16);

const levelIP = 0;
const levelSocket = 1;
const levelTCP = 6;
const levelIPv6 = 41;
const onlyIPv6 = 26; // IPV6_V6ONLY

/** Level and name of each option. */
const optionNumbers: Readonly<Record<SocketOption, readonly [level: number, name: number]>> = {
  error: [levelSocket, 4],
  hopLimit4: [levelIP, 2],
  hopLimit6: [levelIPv6, 16],
  keepAlive: [levelSocket, 9],
  keepAliveCount: [levelTCP, 6],
  keepAliveIdle: [levelTCP, 4],
  keepAliveInterval: [levelTCP, 5],
  noEarlyPort: [levelIP, 24],
  receiveBuffer: [levelSocket, 8],
  reuseAddress: [levelSocket, 2],
  sendBuffer: [levelSocket, 7],
};

/** Sockets by the calls of the same names. Memory for them is set aside when the first is made. */
export class NativeNetworkSockets implements NetworkSockets, Datagrams {
  readonly #scratch = new Scratch();
  readonly #name = this.#scratch.reserve(largestSocketAddress);
  readonly #length = this.#scratch.reserve(4);
  readonly #value = this.#scratch.reserve(4);
  readonly #datagram = this.#scratch.reserve(largestDatagram);

  open(kind: 'tcp' | 'udp', family: AddressFamily): Handle {
    const type = socketType[kind] | nonblockCloseOnExec;
    const handle = libc.socket(familyNumber[family], type, 0);
    if (handle === -1) return -lastErrno();
    const status = family === 'ipv6' ? this.#setNumber(handle, levelIPv6, onlyIPv6, 1) : 0;
    if (status === errno.success) return handle;
    libc.close(handle);
    return -status;
  }

  bind(handle: Handle, local: Endpoint): number {
    const length = this.#placeName(encodeSocketAddress(local));
    return outcome(libc.bind(handle, this.#name.address, length));
  }

  connect(handle: Handle, remote: Endpoint | undefined): number {
    const length = this.#placeName(remote ? encodeSocketAddress(remote) : nowhere);
    return outcome(libc.connect(handle, this.#name.address, length));
  }

  listen(handle: Handle, backlog: number): number {
    return outcome(libc.listen(handle, backlog));
  }

  endpoint(handle: Handle, side: 'local' | 'remote'): Endpoint | number {
    const ask = side === 'local' ? libc.getsockname : libc.getpeername;
    this.#length.view.setUint32(0, largestSocketAddress, true);
    const status = outcome(ask(handle, this.#name.address, this.#length.address));
    if (status !== errno.success) return -status;
    return decodeSocketAddress(this.#name.view) ?? -errno.afnosupport;
  }

  option(handle: Handle, option: SocketOption): number {
    const [level, name] = optionNumbers[option];
    this.#length.view.setUint32(0, 4, true);
    const { address, view } = this.#value;
    const status = outcome(libc.getsockopt(handle, level, name, address, this.#length.address));
    if (status !== errno.success) return -status;
    const value = view.getInt32(0, true);
    return option === 'error' ? wasiErrno(value) : value;
  }

  setOption(handle: Handle, option: SocketOption, value: number): number {
    const [level, name] = optionNumbers[option];
    return this.#setNumber(handle, level, name, value);
  }

  receive(handle: Handle): Datagram | number {
    this.#length.view.setUint32(0, largestSocketAddress, true);
    const { address, bytes } = this.#datagram;
    const size = BigInt(largestDatagram);
    const name = this.#name.address;
    const count = untilDone(() =>
      libc.recvfrom(handle, address, size, dontWaitNoSignal, name, this.#length.address),
    );
    if (count < 0) return count;
    const from = decodeSocketAddress(this.#name.view);
    return from ? { bytes: bytes.subarray(0, count), from } : -errno.afnosupport;
  }

  send(handle: Handle, bytes: Uint8Array, remote: Endpoint | undefined): number {
    if (bytes.length > largestDatagram) return errno.msgsize;
    this.#datagram.bytes.set(bytes);
    const length = remote ? this.#placeName(encodeSocketAddress(remote)) : 0;
    const name = remote ? this.#name.address : 0n;
    const { address } = this.#datagram;
    const size = BigInt(bytes.length);
    const count = untilDone(() =>
      libc.sendto(handle, address, size, dontWaitNoSignal, name, length),
    );
    return count < 0 ? -count : errno.success;
  }

  #placeName(name: Uint8Array): number {
    this.#name.bytes.set(name);
    return name.length;
  }

  #setNumber(handle: Handle, level: number, name: number, value: number): number {
    this.#value.view.setInt32(0, value, true);
    return outcome(libc.setsockopt(handle, level, name, this.#value.address, 4));
  }
}
