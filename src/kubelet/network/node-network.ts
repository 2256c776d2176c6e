import { isDeepStrictEqual } from 'node:util';
import type { AbortOptions } from '../../kubernetes/abort-options.ts';
import type { Clock } from '../../kubernetes/clock.ts';
import { abortable } from '../abortable.ts';
import type { PodNetwork } from '../pods/pod-ports.ts';
import type { Pod } from '../pods/schema/pod.ts';
import { AddressRange } from './address-range.ts';
import { LocalNetworkError } from './ip-command.ts';
import { addLocalRoute, removeLocalRoute } from './local-route.ts';
import { PodAddresses } from './pod-addresses.ts';
import { RestingAddresses } from './resting-addresses.ts';

export interface NodeNetworkComponents {
  /** Resolves to the node's pod ranges once the cluster has given it some. */
  readonly podCIDRs: () => Promise<readonly string[]>;
  readonly clock: Clock;
  /** Told why pods have no address of their own, once, and of files that cannot be written. */
  readonly warn: (message: string) => void;
}

export interface NodeNetworkInit {
  readonly hostIPs: readonly string[];
  /** Where it is noted which addresses rest, see {@link RestingAddresses}. */
  readonly restingDirectory: string;
}

/**
 * The network of a cluster's node: pods get addresses out of the node's podCIDR, which are made
 * local by a route. Where the machine does not allow that, pods share the node's address.
 */
export class NodeNetwork implements PodNetwork {
  readonly #components: NodeNetworkComponents;
  readonly #hostIPs: readonly string[];
  readonly #resting: RestingAddresses;
  #opening: Promise<OpenNetwork> | undefined;
  #current: OpenNetwork | undefined;
  #assigning: Promise<void> = Promise.resolve();
  /** What pods were given addresses by before the cluster gave the node other ranges. */
  readonly #former = new Set<OpenNetwork>();
  /** What containers listen on that an earlier life of this process started, by uid of their pod. */
  readonly #bound = new Map<string, readonly string[]>();
  /** What is kept for pods while there is no telling what it is out of, by uid. */
  readonly #reserved = new Map<string, readonly string[]>();

  constructor(components: NodeNetworkComponents, init: NodeNetworkInit) {
    this.#components = components;
    this.#hostIPs = init.hostIPs;
    const { restingDirectory: directory } = init;
    this.#resting = new RestingAddresses(components, { directory, warn: components.warn });
  }

  reserve(uid: string, addresses: readonly string[], isBound = false): void {
    if (isBound && addresses.length > 0) this.#bound.set(uid, addresses);
    if (this.#current) this.#current.pods.reserve(uid, addresses);
    else this.#reserved.set(uid, addresses);
  }

  async allocate(
    pod: Pod,
    preferred: readonly string[],
    { signal }: AbortOptions = {},
  ): Promise<readonly string[]> {
    if (pod.spec.hostNetwork) return this.#hostIPs;
    this.#opening ??= this.#open(this.#components.podCIDRs());
    const { pods } = await abortable(this.#opening, signal);
    const given = await pods.allocate(pod, preferred);
    const bound = this.#bound.get(pod.metadata.uid);
    if (bound === undefined || isDeepStrictEqual(given, bound)) return given;
    await pods.release(pod.metadata.uid);
    return bound;
  }

  async release(uid: string): Promise<void> {
    this.#reserved.delete(uid);
    this.#bound.delete(uid);
    await this.#current?.pods.release(uid);
    for (const former of this.#former) {
      await former.pods.release(uid);
      if (former.pods.isUsed) continue;
      this.#former.delete(former);
      await removeRoutesOf(former);
    }
  }

  /**
   * The cluster gives the node these ranges, others than before where its Node was deleted. Pods that
   * have an address keep it, and so the old ranges stay this machine's until the last of them is gone.
   */
  async assign(cidrs: readonly string[]): Promise<void> {
    const earlier = this.#assigning;
    const assigning = (async () => {
      await earlier.catch(() => undefined); // told to who assigned those
      await this.#move(cidrs);
    })();
    this.#assigning = assigning;
    await assigning;
  }

  /** Whether an address is this machine's for its pods alone, used or not. */
  isForPods(address: string): boolean {
    if (this.#hostIPs.includes(address)) return false;
    return this.#routed().some(({ cidrs }) =>
      cidrs.some((cidr) => new AddressRange(cidr).contains(address)),
    );
  }

  /** Takes the routes of this life back, for a node whose pods are gone. */
  async removeRoutes(): Promise<void> {
    for (const network of this.#routed()) await removeRoutesOf(network);
  }

  #routed(): readonly OpenNetwork[] {
    const networks = [...this.#former, ...(this.#current ? [this.#current] : [])];
    return networks.filter(({ hasRoutes }) => hasRoutes);
  }

  async #move(cidrs: readonly string[]): Promise<void> {
    const former = await this.#opening;
    if (former === undefined || isDeepStrictEqual(former.cidrs, cidrs)) return;
    this.#opening = this.#open(Promise.resolve(cidrs));
    await this.#opening;
    if (former.pods.isUsed) this.#former.add(former);
    else await removeRoutesOf(former);
  }

  async #open(ranges: Promise<readonly string[]>): Promise<OpenNetwork> {
    const opened = await this.#choose(await ranges);
    for (const [uid, kept] of this.#reserved) opened.pods.reserve(uid, kept);
    this.#reserved.clear();
    this.#current = opened;
    return opened;
  }

  async #choose(cidrs: readonly string[]): Promise<OpenNetwork> {
    if (cidrs.length === 0) {
      this.#components.warn("Pods share the node's address: the cluster gives it no podCIDR");
      return { cidrs, hasRoutes: false, pods: new SharedAddress(this.#hostIPs) };
    }
    try {
      for (const cidr of cidrs) await addLocalRoute(cidr);
    } catch (error) {
      if (!(error instanceof LocalNetworkError)) throw error;
      this.#components.warn(`Pods share the node's address: ${error.message}`);
      return { cidrs, hasRoutes: false, pods: new SharedAddress(this.#hostIPs) };
    }
    const resting = this.#resting;
    const pods = new PodAddresses({ resting }, { cidrs, hostIPs: this.#hostIPs });
    return { cidrs, hasRoutes: true, pods };
  }
}

/** What pods get their addresses by, and the ranges that the cluster gave the node for them. */
interface OpenNetwork {
  readonly cidrs: readonly string[];
  readonly hasRoutes: boolean;
  readonly pods: PodNetwork & { readonly isUsed: boolean };
}

async function removeRoutesOf({ cidrs, hasRoutes }: OpenNetwork): Promise<void> {
  if (hasRoutes) for (const cidr of cidrs) await removeLocalRoute(cidr);
}

/** The network of a machine that has but its own addresses. */
class SharedAddress implements PodNetwork {
  readonly isUsed = false;
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
