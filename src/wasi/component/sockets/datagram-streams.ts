import { errno } from '../../errno.ts';
import { isSame } from '../../network/service-table.ts';
import type { AddressFamily, Endpoint } from '../../system/network-sockets.ts';
import { GuestTrap } from '../abi/guest-trap.ts';
import { Resource } from '../abi/resource.ts';
import { ok } from '../abi/variants.ts';
import { isDestination } from './address-rules.ts';
import type { DatagramWay } from './datagram-way.ts';
import { errorCodeOf, type Outcome, refuse } from './error-code.ts';
import type { OpenSocket } from './open-socket.ts';

/** How many datagrams one call receives or sends. */
const mostDatagrams = 64;

interface Side {
  readonly open: OpenSocket;
  readonly family: AddressFamily;
  readonly way: DatagramWay;
  /** The only remote end, if there is one. */
  readonly remote: Endpoint | undefined;
}

abstract class DatagramStream extends Resource {
  readonly side: Side;
  #dropped = false;

  constructor(side: Side) {
    super();
    this.side = side;
    side.open.retain();
  }

  get isDropped(): boolean {
    return this.#dropped;
  }

  override drop(): void {
    this.#dropped = true;
    this.side.open.release();
  }
}

export interface IncomingDatagram {
  readonly data: Uint8Array;
  readonly from: Endpoint;
}

/** `wasi:sockets/udp.incoming-datagram-stream`. */
export class IncomingDatagramStream extends DatagramStream {
  readonly readiness = this.side.open.readable;

  /** What has arrived, at most `most` datagrams and maybe none. */
  receive(most: bigint): Outcome<readonly IncomingDatagram[]> {
    const { network, handle } = this.side.open;
    const received: IncomingDatagram[] = [];
    // What is kept from the guest counts too: a flood of it shall not hold the guest.
    for (let taken = 0; taken < mostDatagrams && received.length < most; taken++) {
      const datagram = network.sockets.receive(handle);
      if (typeof datagram !== 'number') {
        const from = this.side.way.source(datagram.from);
        if (from !== undefined) received.push({ data: Uint8Array.from(datagram.bytes), from });
      } else if (datagram === -errno.again || received.length > 0) {
        break;
      } else {
        return refuse(errorCodeOf(-datagram));
      }
    }
    return ok(received);
  }
}

export interface OutgoingDatagram {
  readonly data: Uint8Array;
  readonly to: Endpoint | undefined;
}

/** `wasi:sockets/udp.outgoing-datagram-stream`. */
export class OutgoingDatagramStream extends DatagramStream {
  readonly readiness = this.side.open.writable;
  #permitted = 0;

  /** How many datagrams {@link send} takes now. */
  checkSend(): Outcome<bigint> {
    this.#permitted = this.readiness.ready() ? mostDatagrams : 0;
    return ok(BigInt(this.#permitted));
  }

  /** @returns how many were sent; the error of the first, where that is none */
  send(datagrams: readonly OutgoingDatagram[]): Outcome<bigint> {
    if (datagrams.length > this.#permitted) {
      throw new GuestTrap(
        `Cannot send ${datagrams.length} datagrams: ${this.#permitted} are permitted`,
      );
    }
    this.#permitted -= datagrams.length;
    for (const [index, datagram] of datagrams.entries()) {
      const sent = this.#sendOne(datagram);
      if (sent.kind === 'ok') continue;
      return index > 0 || sent.error === 'would-block' ? ok(BigInt(index)) : sent;
    }
    return ok(BigInt(datagrams.length));
  }

  #sendOne({ data, to }: OutgoingDatagram): Outcome<undefined> {
    const { open, family, remote } = this.side;
    if (to === undefined && remote === undefined) return refuse('invalid-argument');
    if (to !== undefined && !isDestination(family, to)) return refuse('invalid-argument');
    const means = to && open.network.allowed(to);
    if (means?.kind === 'error') return means;
    if (means !== undefined && remote !== undefined && !isSame(means.value, remote)) {
      return refuse('invalid-argument');
    }
    return this.side.way.send(data, means?.value);
  }
}
