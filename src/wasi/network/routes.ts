import type { Endpoint } from '../system/network-sockets.ts';
import type { PeerPolicy } from './peer-policy.ts';
import type { Encounter } from './peer-rules.ts';
import type { Protocol, ServiceTable } from './service-table.ts';

/** Where a connection leads. */
export type Route =
  | { readonly kind: 'open'; readonly to: Endpoint }
  /** A NetworkPolicy forbids it. */
  | { readonly kind: 'denied' }
  /** A Service without an endpoint that is ready. */
  | { readonly kind: 'refused' };

export interface RoutesComponents {
  /** @default addresses of Services are like any other */
  readonly services?: Pick<ServiceTable, 'lead'>;
  /** @default everything passes */
  readonly peers?: Pick<PeerPolicy, 'admits' | 'lets'>;
}

/** The ways into a pod and out of it, as the node's Services and NetworkPolicies have them. */
export class Routes {
  readonly #components: RoutesComponents;

  constructor(components: RoutesComponents = {}) {
    this.#components = components;
  }

  /** Whether every address leads to itself and everybody may come in. */
  get areDirect(): boolean {
    return this.#components.services === undefined && this.#components.peers === undefined;
  }

  /** Whether somebody is kept out, or may be. */
  get areGuarded(): boolean {
    return this.#components.peers !== undefined;
  }

  /** @param preferred an endpoint that is taken where the Service still has it */
  to(protocol: Protocol, remote: Endpoint, preferred?: Endpoint): Route {
    const { services, peers } = this.#components;
    const to = services?.lead(protocol, remote, preferred) ?? remote;
    if (to === 'none') return { kind: 'refused' };
    const isLet = peers?.lets({ protocol, ...to }) ?? true;
    return isLet ? { kind: 'open', to } : { kind: 'denied' };
  }

  /** Whether somebody may be let in; the port is the pod's. */
  admits(encounter: Encounter): boolean {
    return this.#components.peers?.admits(encounter) ?? true;
  }
}
