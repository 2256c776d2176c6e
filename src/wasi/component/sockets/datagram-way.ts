import { errno } from '../../errno.ts';
import { DatagramFlows } from '../../network/datagram-flows.ts';
import { isSame } from '../../network/service-table.ts';
import type { Endpoint } from '../../system/network-sockets.ts';
import { done } from '../abi/variants.ts';
import { type Outcome, statusOutcome } from './error-code.ts';
import { outcomeOf } from './guest-network.ts';
import type { OpenSocket } from './open-socket.ts';

/**
 * The way of a socket's datagrams: straight on, unless the network has Services or policies. The
 * ends are those that the guest knows; where Services lead is known here alone.
 */
export class DatagramWay {
  readonly #open: OpenSocket;
  readonly #flows: DatagramFlows | undefined;
  #port: number | undefined;
  /** What the socket is connected to: as the guest knows it, and as the kernel does. */
  #remote: Endpoint | undefined;
  #connected: Endpoint | undefined;

  constructor(open: OpenSocket) {
    const { system, network } = open;
    this.#open = open;
    this.#flows = network.routes.areDirect
      ? undefined
      : new DatagramFlows({ system, routes: network.routes });
  }

  /** Connects the socket, or ends that where there is no destination. */
  connect(remote: Endpoint | undefined): Outcome<undefined> {
    const outcome = remote === undefined ? this.#reconnect(undefined) : this.#aim(remote);
    if (outcome.kind === 'ok') this.#remote = remote;
    return outcome;
  }

  /** Sends to `remote`, or to where the socket is connected. */
  send(data: Uint8Array, remote: Endpoint | undefined): Outcome<undefined> {
    const { network, handle } = this.#open;
    const aimed = this.#remote && this.#aim(this.#remote);
    if (aimed?.kind === 'error') return aimed;
    if (aimed !== undefined || remote === undefined) {
      return statusOutcome(network.sockets.send(handle, data, undefined));
    }
    const to = this.#flows && outcomeOf(this.#flows.outgoing(remote));
    if (to?.kind === 'error') return to;
    return statusOutcome(network.sockets.send(handle, data, to?.value ?? remote));
  }

  /** Whom a datagram comes from, as the guest knows it; undefined where it may not come in. */
  source(from: Endpoint): Endpoint | undefined {
    return this.#flows ? this.#flows.incoming(from, this.#ownPort()) : from;
  }

  /** Endpoints of Services change while a socket is connected to one. */
  #aim(remote: Endpoint): Outcome<undefined> {
    const to = this.#flows && outcomeOf(this.#flows.outgoing(remote));
    if (to?.kind === 'error') return to;
    return this.#reconnect(to?.value ?? remote);
  }

  #reconnect(to: Endpoint | undefined): Outcome<undefined> {
    if (to === this.#connected || (to && isSame(to, this.#connected))) return done;
    const { network, handle } = this.#open;
    const status = network.sockets.connect(handle, to);
    if (status === errno.success) this.#connected = to;
    return statusOutcome(status);
  }

  #ownPort(): number {
    if (this.#port === undefined) {
      const { network, handle } = this.#open;
      const local = network.sockets.endpoint(handle, 'local');
      this.#port = typeof local === 'number' ? 0 : local.port;
    }
    return this.#port;
  }
}
