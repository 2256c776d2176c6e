import type { AbortOptions } from '../../kubernetes/abort-options.ts';
import type { Clock } from '../../kubernetes/clock.ts';
import { abortable } from '../abortable.ts';
import type { PodNetwork } from '../pods/pod-ports.ts';
import type { Pod } from '../pods/schema/pod.ts';
import { addLocalRoute, LocalRouteError, removeLocalRoute } from './local-route.ts';
import { PodAddresses } from './pod-addresses.ts';

export interface NodeNetworkComponents {
  /** Resolves to the node's pod ranges once the cluster has given it some. */
  readonly podCIDRs: () => Promise<readonly string[]>;
  readonly clock: Clock;
  /** Told once why pods have no address of their own. */
  readonly warn: (message: string) => void;
}

/**
 * The network of a cluster's node: pods get addresses out of the node's podCIDR, which are made
 * local by a route. Where the machine does not allow that, pods share the node's address.
 */
export class NodeNetwork implements PodNetwork {
  readonly #components: NodeNetworkComponents;
  readonly #hostIPs: readonly string[];
  #opening: Promise<PodNetwork> | undefined;
  #addresses: PodNetwork | undefined;
  /** What is kept for pods while there is no telling what it is out of, by uid. */
  readonly #reserved = new Map<string, readonly string[]>();
  readonly #routes: string[] = [];

  constructor(components: NodeNetworkComponents, init: { readonly hostIPs: readonly string[] }) {
    this.#components = components;
    this.#hostIPs = init.hostIPs;
  }

  reserve(uid: string, addresses: readonly string[]): void {
    if (this.#addresses) this.#addresses.reserve(uid, addresses);
    else this.#reserved.set(uid, addresses);
  }

  async allocate(
    pod: Pod,
    preferred: readonly string[],
    { signal }: AbortOptions = {},
  ): Promise<readonly string[]> {
    if (pod.spec.hostNetwork) return this.#hostIPs;
    this.#opening ??= this.#open();
    const addresses = await abortable(this.#opening, signal);
    return await addresses.allocate(pod, preferred);
  }

  async release(uid: string): Promise<void> {
    this.#reserved.delete(uid);
    await this.#addresses?.release(uid);
  }

  /** Takes the routes of this life back, for a node whose pods are gone. */
  async removeRoutes(): Promise<void> {
    for (const cidr of this.#routes.splice(0)) await removeLocalRoute(cidr);
  }

  async #open(): Promise<PodNetwork> {
    const addresses = await this.#choose();
    for (const [uid, kept] of this.#reserved) addresses.reserve(uid, kept);
    this.#reserved.clear();
    this.#addresses = addresses;
    return addresses;
  }

  async #choose(): Promise<PodNetwork> {
    const cidrs = await this.#components.podCIDRs();
    if (cidrs.length === 0) {
      this.#components.warn("Pods share the node's address: the cluster gives it no podCIDR");
      return new SharedAddress(this.#hostIPs);
    }
    try {
      for (const cidr of cidrs) {
        await addLocalRoute(cidr);
        this.#routes.push(cidr);
      }
    } catch (error) {
      if (!(error instanceof LocalRouteError)) throw error;
      this.#components.warn(`Pods share the node's address: ${error.message}`);
      return new SharedAddress(this.#hostIPs);
    }
    return new PodAddresses(this.#components, { cidrs, hostIPs: this.#hostIPs });
  }
}

/** The network of a machine that has but its own addresses. */
class SharedAddress implements PodNetwork {
  readonly #hostIPs: readonly string[];

  constructor(hostIPs: readonly string[]) {
    this.#hostIPs = hostIPs;
  }

  reserve(): void {}

  async allocate(): Promise<readonly string[]> {
    return this.#hostIPs;
  }

  async release(): Promise<void> {}
}
