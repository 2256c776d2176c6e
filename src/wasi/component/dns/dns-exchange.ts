import { errno } from '../../errno.ts';
import type { Routes } from '../../network/routes.ts';
import type { Datagrams, Endpoint, NetworkSockets } from '../../system/network-sockets.ts';
import type { System } from '../../system/system.ts';
import { handleReadiness } from '../io/handle-readiness.ts';
import type { WaitSource } from '../io/readiness.ts';
import { TransferBuffer } from '../io/transfer-buffer.ts';
import { sourceTowards } from '../sockets/address-rules.ts';
import {
  type AddressRecord,
  type DnsResponse,
  decodeResponse,
  encodeQuery,
} from './dns-message.ts';

export interface DnsExchangeComponents {
  readonly system: System;
  readonly sockets: NetworkSockets & Datagrams;
  /** @default a server is where its address says */
  readonly routes?: Routes;
}

export interface DnsExchangeInit {
  readonly name: string;
  readonly type: AddressRecord;
  readonly server: Endpoint;
  /** The address that queries come from; undefined leaves it to the system. */
  readonly from: string | undefined;
}

const largestMessage = 65_535;

/**
 * One question to one server: by UDP from a port of its own, which the kernel lets only the
 * server answer to, and again by TCP where the answer is too long.
 */
export class DnsExchange {
  readonly #components: DnsExchangeComponents;
  readonly #init: DnsExchangeInit;
  readonly #query: Uint8Array;
  #handle = -1;
  #tcp: TcpMessage | undefined;
  #response: DnsResponse | 'failed' | undefined;

  constructor(components: DnsExchangeComponents, init: DnsExchangeInit) {
    this.#components = components;
    this.#init = init;
    this.#query = encodeQuery(unguessable(), init.name, init.type);
    this.#sendByUdp();
  }

  /** Does what can be done now. @returns the response once there is one, `failed` for none */
  advance(): DnsResponse | 'failed' | undefined {
    if (this.#response === undefined) {
      this.#response = this.#tcp === undefined ? this.#receiveByUdp() : this.#receiveByTcp();
      if (this.#response !== undefined) this.close();
    }
    return this.#response;
  }

  get isDone(): boolean {
    return this.#response !== undefined;
  }

  /** What makes the next {@link advance} worthwhile, while this is not done. */
  source(): WaitSource {
    const direction = this.#tcp?.isSending ? 'write' : 'read';
    return { kind: 'handle', handle: this.#handle, direction };
  }

  close(): void {
    if (this.#handle >= 0) this.#components.system.streams.close(this.#handle);
    this.#handle = -1;
  }

  #sendByUdp(): void {
    const { sockets } = this.#components;
    const status = this.#open('udp') || sockets.send(this.#handle, this.#query, undefined);
    if (status !== errno.success) this.#fail();
  }

  #receiveByUdp(): DnsResponse | 'failed' | undefined {
    for (;;) {
      const datagram = this.#components.sockets.receive(this.#handle);
      if (typeof datagram === 'number') return datagram === -errno.again ? undefined : 'failed';
      const response = decodeResponse(datagram.bytes, this.#query, this.#init);
      if (response?.kind === 'truncated') return this.#askByTcp();
      if (response !== undefined) return response;
    }
  }

  #askByTcp(): undefined | 'failed' {
    this.close();
    const status = this.#open('tcp');
    if (status !== errno.success && status !== errno.inprogress) return 'failed';
    this.#tcp = new TcpMessage(this.#components.system, this.#handle, this.#query);
    return undefined;
  }

  #receiveByTcp(): DnsResponse | 'failed' | undefined {
    const message = this.#tcp?.advance();
    if (message === undefined || message === 'failed') return message;
    const response = decodeResponse(message, this.#query, this.#init);
    return response === undefined || response.kind === 'truncated' ? 'failed' : response;
  }

  #open(kind: 'tcp' | 'udp'): number {
    const { routes, sockets } = this.#components;
    const { from, server } = this.#init;
    const route = routes?.to(kind === 'udp' ? 'UDP' : 'TCP', server);
    if (route !== undefined && route.kind !== 'open') return errno.hostunreach;
    const handle = sockets.open(kind, server.address.includes(':') ? 'ipv6' : 'ipv4');
    if (handle < 0) return -handle;
    this.#handle = handle;
    const to = route?.to ?? server;
    const address = sourceTowards(from, to.address);
    const bound = address === undefined ? 0 : sockets.bind(handle, { address, port: 0 });
    return bound || sockets.connect(handle, to);
  }

  #fail(): void {
    this.close();
    this.#response = 'failed';
  }
}

/** A query and its response over a connection: each is preceded by its length. */
class TcpMessage {
  readonly #system: System;
  readonly #handle: number;
  readonly #buffer = new TransferBuffer();
  #toSend: Uint8Array;
  #received = Buffer.alloc(0);

  constructor(system: System, handle: number, query: Uint8Array) {
    this.#system = system;
    this.#handle = handle;
    this.#toSend = Buffer.concat([Buffer.of(query.length >> 8, query.length & 0xff), query]);
  }

  get isSending(): boolean {
    return this.#toSend.length > 0;
  }

  advance(): Uint8Array | 'failed' | undefined {
    if (this.isSending) return this.#send();
    const length = this.#buffer.read(this.#system, this.#handle, largestMessage);
    if (length === -errno.again) return undefined;
    if (typeof length === 'number' || length.length === 0) return 'failed';
    this.#received = Buffer.concat([this.#received, length]);
    if (this.#received.length < 2) return undefined;
    const end = 2 + this.#received.readUInt16BE(0);
    return this.#received.length < end ? undefined : this.#received.subarray(2, end);
  }

  #send(): 'failed' | undefined {
    if (!handleReadiness(this.#system, this.#handle, 'write').ready()) return undefined;
    const sent = this.#buffer.send(this.#system, this.#handle, this.#toSend);
    if (sent < 0) return sent === -errno.again ? undefined : 'failed';
    this.#toSend = this.#toSend.subarray(sent);
    return undefined;
  }
}

/** The number of a query. `randomInt` would draw on a cache that forked siblings have in common. */
function unguessable(): number {
  return crypto.getRandomValues(new Uint16Array(1))[0] ?? 0;
}
