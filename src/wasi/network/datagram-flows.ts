import { clock } from '../system/clocks.ts';
import type { Endpoint } from '../system/network-sockets.ts';
import type { System } from '../system/system.ts';
import type { Route, Routes } from './routes.ts';

/** How long the way to a place is not looked up again, in nanoseconds. */
const freshness = 1_000_000_000n;
/** How long after the last datagram another is still an answer: as the kernel's own tracking. */
const patience = 180_000_000_000n;
/** How many are remembered of each kind. */
const mostRemembered = 1024;

interface Flow {
  /** Where the guest wrote to. */
  readonly remote: Endpoint;
  /** Where that led. */
  readonly to: Endpoint;
  at: bigint;
}

/**
 * The conversations of a datagram socket. Who was sent something may answer, and comes from where
 * the guest wrote to, though that was a Service's address; who was let in may be answered.
 */
export class DatagramFlows {
  readonly #system: System;
  readonly #routes: Routes;
  /** By what the guest calls it. */
  readonly #sent = new Map<string, Flow>();
  /** By where datagrams come from. */
  readonly #peers = new Map<string, Flow>();
  readonly #heard = new Map<string, bigint>();

  constructor(components: { readonly system: System; readonly routes: Routes }) {
    this.#system = components.system;
    this.#routes = components.routes;
  }

  /** Where a datagram to `remote` goes. */
  outgoing(remote: Endpoint): Route {
    const now = this.#now();
    const key = textOf(remote);
    const known = this.#sent.get(key);
    if (known !== undefined && now - known.at < freshness) return { kind: 'open', to: known.to };
    if (now - (this.#heard.get(key) ?? -patience) < patience) return { kind: 'open', to: remote };
    const route = this.#routes.to('UDP', remote, known?.to);
    if (route.kind === 'open') this.#note({ remote, to: route.to, at: now });
    return route;
  }

  /** Whom a datagram comes from, as the guest knows it; undefined where it is kept from the guest. */
  incoming(from: Endpoint, port: number): Endpoint | undefined {
    const now = this.#now();
    const key = textOf(from);
    const flow = this.#peers.get(key);
    if (flow !== undefined && now - flow.at < patience) return flow.remote;
    if (!this.#routes.admits({ protocol: 'UDP', address: from.address, port })) return undefined;
    remember(this.#heard, key, now);
    return from;
  }

  #note(flow: Flow): void {
    remember(this.#sent, textOf(flow.remote), flow);
    remember(this.#peers, textOf(flow.to), flow);
  }

  #now(): bigint {
    return this.#system.clocks.now(clock.monotonic);
  }
}

function remember<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= mostRemembered) return;
  const [oldest] = map.keys();
  if (oldest !== undefined) map.delete(oldest);
}

function textOf({ address, port }: Endpoint): string {
  return `${address} ${port}`;
}
