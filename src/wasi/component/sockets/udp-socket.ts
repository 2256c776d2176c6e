import { errno } from '../../errno.ts';
import type { AddressFamily, Endpoint } from '../../system/network-sockets.ts';
import { GuestTrap } from '../abi/guest-trap.ts';
import { Resource } from '../abi/resource.ts';
import { done, ok } from '../abi/variants.ts';
import { isDestination, isUnicastOf } from './address-rules.ts';
import { IncomingDatagramStream, OutgoingDatagramStream } from './datagram-streams.ts';
import { DatagramWay } from './datagram-way.ts';
import { errorCodeOf, type Outcome, refuse, statusOutcome } from './error-code.ts';
import type { OpenSocket } from './open-socket.ts';

export type DatagramStreams = readonly [IncomingDatagramStream, OutgoingDatagramStream];

/** `wasi:sockets/udp.udp-socket`. */
export class UdpSocket extends Resource {
  readonly family: AddressFamily;
  readonly open: OpenSocket;
  #state: 'unbound' | 'bind-started' | 'bound' = 'unbound';
  readonly #way: DatagramWay;
  #remote: Endpoint | undefined;
  #streams: DatagramStreams | undefined;

  constructor(open: OpenSocket, family: AddressFamily) {
    super();
    this.open = open;
    this.family = family;
    this.#way = new DatagramWay(open);
  }

  startBind(local: Endpoint): Outcome<undefined> {
    if (!isUnicastOf(this.family, local.address)) return refuse('invalid-argument');
    if (this.#state === 'bind-started') return refuse('concurrency-conflict');
    if (this.#state === 'bound') return refuse('invalid-state');
    const means = this.open.network.bindable(local);
    if (means === undefined) return refuse('address-not-bindable');
    const status = this.open.network.sockets.bind(this.open.handle, means);
    if (status === errno.nobufs) return refuse('address-in-use');
    if (status !== errno.success) return statusOutcome(status);
    this.#state = 'bind-started';
    return done;
  }

  finishBind(): Outcome<undefined> {
    if (this.#state !== 'bind-started') return refuse('not-in-progress');
    this.#state = 'bound';
    return done;
  }

  /** Streams from and to anywhere, or one remote end alone; the earlier ones must be gone. */
  stream(remote: Endpoint | undefined): Outcome<DatagramStreams> {
    if (this.#streams?.some((stream) => !stream.isDropped)) {
      throw new GuestTrap('Cannot make datagram streams: earlier ones are in use');
    }
    if (this.#state !== 'bound') return refuse('invalid-state');
    if (remote && !isDestination(this.family, remote)) return refuse('invalid-argument');
    const means = remote && this.open.network.allowed(remote);
    if (means?.kind === 'error') return means;
    const connected = this.#connect(means?.value);
    if (connected.kind === 'error') return connected;
    const { open, family } = this;
    const side = { open, family, way: this.#way, remote: means?.value };
    this.#streams = [new IncomingDatagramStream(side), new OutgoingDatagramStream(side)];
    return ok(this.#streams);
  }

  localAddress(): Outcome<Endpoint> {
    if (this.#state !== 'bound') return refuse('invalid-state');
    const endpoint = this.open.network.sockets.endpoint(this.open.handle, 'local');
    return typeof endpoint === 'number' ? refuse(errorCodeOf(-endpoint)) : ok(endpoint);
  }

  remoteAddress(): Outcome<Endpoint> {
    return this.#remote === undefined ? refuse('invalid-state') : ok(this.#remote);
  }

  override drop(): void {
    this.open.release();
  }

  #connect(remote: Endpoint | undefined): Outcome<undefined> {
    if (remote === undefined && this.#remote === undefined) return done;
    const connected = this.#way.connect(remote);
    if (connected.kind === 'ok') this.#remote = remote;
    return connected;
  }
}
