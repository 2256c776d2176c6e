import type { Handle } from './system.ts';

/** An address of the Internet protocol in its canonical text form, and a port. */
export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

export type AddressFamily = 'ipv4' | 'ipv6';

/**
 * What can be asked of a socket and set. Times are whole seconds, sizes bytes. `error` is the error
 * number of what went on in the background, `noEarlyPort` leaves the choice of a port to `connect`.
 */
export type SocketOption =
  | 'error'
  | 'hopLimit4'
  | 'hopLimit6'
  | 'keepAlive'
  | 'keepAliveCount'
  | 'keepAliveIdle'
  | 'keepAliveInterval'
  | 'noEarlyPort'
  | 'receiveBuffer'
  | 'reuseAddress'
  | 'sendBuffer';

/**
 * Sockets that are opened here. They do not wait: `again` and `inprogress` are answers, and the
 * poller says when there is another. Where no result is named, calls return an error number.
 */
export interface NetworkSockets {
  /** @returns the handle, of IPv6 alone where that is the family, or a negated error number */
  open(kind: 'tcp' | 'udp', family: AddressFamily): Handle;

  bind(handle: Handle, local: Endpoint): number;

  /** Begins to connect; without a destination a datagram socket has none any more. */
  connect(handle: Handle, remote: Endpoint | undefined): number;

  listen(handle: Handle, backlog: number): number;

  /** @returns the address of one end, or a negated error number */
  endpoint(handle: Handle, side: 'local' | 'remote'): Endpoint | number;

  /** @returns the value, or a negated error number */
  option(handle: Handle, option: SocketOption): number;

  setOption(handle: Handle, option: SocketOption, value: number): number;
}

/** Datagrams of the sockets of {@link NetworkSockets}. */
export interface Datagrams {
  /** @returns the next one, its bytes valid until the next call, or a negated error number */
  receive(handle: Handle): Datagram | number;

  /** Sends to `remote`, or to where the socket is connected. @returns an error number */
  send(handle: Handle, bytes: Uint8Array, remote: Endpoint | undefined): number;
}

export interface Datagram {
  readonly bytes: Uint8Array;
  readonly from: Endpoint;
}
