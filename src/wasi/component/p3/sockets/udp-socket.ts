import type { AddressFamily, Endpoint } from '../../../system/network-sockets.ts';
import { Resource } from '../../abi/resource.ts';
import { done, error, ok, type Result } from '../../abi/variants.ts';
import type { HostCall } from '../../async/async-function.ts';
import { anyEndpoint } from '../../sockets/address-rules.ts';
import type { IncomingDatagram } from '../../sockets/datagram-streams.ts';
import { type Outcome, refuse } from '../../sockets/error-code.ts';
import type { OpenSocket } from '../../sockets/open-socket.ts';
import type { DatagramStreams, UdpSocket as UdpSocket02 } from '../../sockets/udp-socket.ts';
import type { ErrorCode } from './error-code.ts';

/** What the length field of a datagram can say. */
const largestDatagram = 65_535;

/** `wasi:sockets/types.udp-socket`: one datagram a call, over the streams that 0.2 has for them. */
export class UdpSocket extends Resource {
  readonly socket: UdpSocket02;
  #streams: DatagramStreams | undefined;
  #isConnected = false;

  constructor(socket: UdpSocket02) {
    super();
    this.socket = socket;
  }

  get open(): OpenSocket {
    return this.socket.open;
  }

  get family(): AddressFamily {
    return this.socket.family;
  }

  bind(local: Endpoint): Outcome<undefined> {
    const started = this.socket.startBind(local);
    return started.kind === 'ok' ? this.socket.finishBind() : started;
  }

  connect(remote: Endpoint): Outcome<undefined> {
    this.#bindIfUnbound();
    const connected = this.#openStreams(remote);
    if (connected.kind === 'ok') this.#isConnected = true;
    return connected;
  }

  disconnect(): Outcome<undefined> {
    if (!this.#isConnected) return refuse('invalid-state');
    this.#isConnected = false;
    return this.#openStreams(undefined);
  }

  async send(
    call: HostCall,
    data: Uint8Array,
    to: Endpoint | undefined,
  ): Promise<Result<undefined, ErrorCode>> {
    if (data.length > largestDatagram) return error('datagram-too-large');
    const streams = this.#opened();
    if (streams.kind === 'error') return streams;
    const [, outgoing] = streams.value;
    // A view of the guest's memory, which may be another's after waiting.
    const datagram = { data: Uint8Array.from(data), to };
    for (;;) {
      const waiting = call.wait([outgoing.readiness]);
      if (waiting) await waiting;
      outgoing.checkSend();
      const sent = outgoing.send([datagram]);
      if (sent.kind === 'error') return sent;
      if (sent.value > 0n) return done;
    }
  }

  async receive(call: HostCall): Promise<Result<IncomingDatagram, ErrorCode>> {
    if (this.socket.localAddress().kind === 'error') return error('invalid-state');
    const streams = this.#opened();
    if (streams.kind === 'error') return streams;
    const [incoming] = streams.value;
    for (;;) {
      const waiting = call.wait([incoming.readiness]);
      if (waiting) await waiting;
      const received = incoming.receive(1n);
      if (received.kind === 'error') return received;
      const [datagram] = received.value;
      if (datagram !== undefined) return ok(datagram);
    }
  }

  override drop(): void {
    this.#dropStreams();
    this.socket.drop();
  }

  #opened(): Outcome<DatagramStreams> {
    if (this.#streams !== undefined) return ok(this.#streams);
    this.#bindIfUnbound();
    const opened = this.#openStreams(undefined);
    return opened.kind === 'ok' && this.#streams ? ok(this.#streams) : refuse('invalid-state');
  }

  #openStreams(remote: Endpoint | undefined): Outcome<undefined> {
    this.#dropStreams();
    const streams = this.socket.stream(remote);
    if (streams.kind === 'error') return streams;
    this.#streams = streams.value;
    return done;
  }

  #dropStreams(): void {
    for (const stream of this.#streams ?? []) stream.drop();
    this.#streams = undefined;
  }

  /** To some port; a socket that is bound refuses, and stays as it is. */
  #bindIfUnbound(): void {
    this.bind(anyEndpoint(this.family));
  }
}
