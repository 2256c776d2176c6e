import { existsSync } from 'node:fs';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { ApiListWatch } from '../../krator/cache/api-list-watch.ts';
import { Reflector } from '../../krator/cache/reflector.ts';
import { Store } from '../../krator/cache/store.ts';
import type { ApiClient } from '../../kubernetes/api/api-client.ts';
import { type KubernetesObject, keyOf } from '../../kubernetes/api/object.ts';
import type { Resource } from '../../kubernetes/api/resource.ts';
import type { Clock } from '../../kubernetes/clock.ts';
import { Doorbell } from '../doorbell.ts';
import { LiveDirectory } from '../network/live-directory.ts';
import {
  type NetworkPolicy,
  namespaces,
  networkPolicies,
} from '../network/policies/network-policies.ts';
import { isSamePeer, type PeerPod, peerPods } from '../network/policies/peer-pods.ts';
import { RulesByPod } from '../network/policies/rules-by-pod.ts';
import type { NodeLog } from '../node/node-log.ts';
import type { PodDirectories } from '../pods/pod-directories.ts';
import type { Pod } from '../pods/schema/pod.ts';
import { isEnd } from '../pods/schema/pod-status.ts';
import { keepCurrent } from './keep-current.ts';
import { PermittedWatch } from './permitted-watch.ts';

/** The only file in a pod's directory. */
const fileName = 'rules';

export interface PolicyEnforcerComponents {
  readonly client: ApiClient;
  readonly clock: Clock;
  readonly log: NodeLog;
  readonly directories: PodDirectories;
  /** The pods that live on this node, with the addresses that they have been given. */
  readonly pods: () => readonly LocalPod[];
}

export interface LocalPod {
  readonly pod: Pod;
  readonly podIPs: readonly string[];
}

export interface PolicyEnforcerInit {
  readonly hostIPs: readonly string[];
}

/** Tells containers whom NetworkPolicies let them talk to: a file for each pod, kept up to date. */
export class PolicyEnforcer {
  readonly #components: PolicyEnforcerComponents;
  readonly #init: PolicyEnforcerInit;
  readonly #watch: PermittedWatch;
  readonly #policies = new Store<NetworkPolicy, 'namespace'>({
    indexers: { namespace: ({ metadata: { namespace = '' } }) => [namespace] },
  });
  readonly #namespaces = new Store<KubernetesObject>();
  readonly #pods = new Store<PeerPod>();
  readonly #bell = new Doorbell();
  /** By the pods' uids. */
  readonly #directories = new Map<string, LiveDirectory>();
  readonly #peersOfPods = new WeakMap<Pod, PeerPod>();
  /** The update that pods which are about to start wait for, until it begins. */
  #updating: Promise<RulesByPod> | undefined;

  constructor(components: PolicyEnforcerComponents, init: PolicyEnforcerInit) {
    this.#components = components;
    this.#init = init;
    const reflectors = [
      this.#reflector(networkPolicies, this.#policies),
      this.#reflector(namespaces, this.#namespaces),
      this.#reflector(peerPods, this.#pods),
    ];
    this.#watch = new PermittedWatch(
      { ...components, reflectors },
      {
        resources: [networkPolicies, namespaces, peerPods],
        without:
          'NetworkPolicies are not enforced: the node may not watch them, Namespaces and Pods (deploy/network-policies.yaml grants it)',
        granted: 'The node may watch NetworkPolicies: containers that start now are held to them',
      },
    );
    this.#policies.subscribe(() => this.#bell.ring());
    this.#namespaces.subscribe(() => this.#bell.ring());
    this.#pods.subscribe((change) => {
      if (change.kind === 'updated' && isSamePeer(change.object, change.previous)) return;
      this.#bell.ring();
    });
  }

  /** Whether NetworkPolicies are enforced. */
  get isActive(): boolean {
    return this.#watch.isFollowing;
  }

  /** Resolves once it is known whether {@link isActive} will be so. */
  get settled(): Promise<void> {
    return this.#watch.settled;
  }

  /**
   * The directory with the rules of a pod, as they are now; undefined where none are enforced. By
   * then the pod's neighbours know it as well, as it may ask them for something at once.
   */
  async prepare(pod: Pod, podIPs: readonly string[]): Promise<string | undefined> {
    if (!this.isActive || this.#isOfNode(podIPs)) return undefined;
    const { uid } = pod.metadata;
    const directory = this.#directories.get(uid) ?? new LiveDirectory(this.#pathOf(pod));
    this.#directories.set(uid, directory);
    const rules = await this.#updated();
    directory.put(fileName, rules.of(this.#peerOf(pod)));
    return directory.path;
  }

  /** Runs until the signal aborts; the rules stay for containers that run on. */
  async run({ signal }: { readonly signal: AbortSignal }): Promise<void> {
    const { clock, log } = this.#components;
    const update = () => this.#update();
    const { followed } = this.#watch;
    await Promise.all([
      this.#watch.run({ signal }),
      keepCurrent({ clock, log, bell: this.#bell, followed, update }, { signal }),
    ]);
  }

  /** One update for all pods that are about to start: each may change the rules of all others. */
  async #updated(): Promise<RulesByPod> {
    this.#updating ??= setImmediate().then(() => {
      this.#updating = undefined;
      return this.#update();
    });
    return await this.#updating;
  }

  /** Writes the rules of each pod that was told of some, by an earlier life of this process too. */
  #update(): RulesByPod {
    const rules = this.#rules();
    const pods = new Map(this.#components.pods().map(({ pod }) => [pod.metadata.uid, pod]));
    for (const uid of this.#directories.keys()) if (!pods.has(uid)) this.#directories.delete(uid);
    for (const [uid, pod] of pods) {
      const directory = this.#directories.get(uid) ?? this.#earlierDirectory(pod);
      directory?.put(fileName, rules.of(this.#peerOf(pod)));
    }
    return rules;
  }

  #earlierDirectory(pod: Pod): LiveDirectory | undefined {
    const place = this.#pathOf(pod);
    if (!existsSync(place)) return undefined;
    const directory = new LiveDirectory(place);
    this.#directories.set(pod.metadata.uid, directory);
    return directory;
  }

  #rules(): RulesByPod {
    return new RulesByPod({
      policies: (namespace) => this.#policies.find('namespace', namespace),
      peers: () => this.#peers(),
      namespaces: () => this.#namespaces.list(),
      nodes: this.#init.hostIPs,
    });
  }

  /** All pods, those of this node by what is known here: the cluster hears of their addresses late. */
  #peers(): readonly PeerPod[] {
    const pods = new Map(this.#pods.list().map((pod) => [keyOf(pod), pod]));
    for (const { pod, podIPs } of this.#components.pods()) {
      if (isEnd(pod.status.phase) || this.#isOfNode(podIPs)) continue;
      pods.set(keyOf(pod), { ...this.#peerOf(pod), addresses: podIPs });
    }
    return [...pods.values()];
  }

  /** A pod is another object whenever it changes. */
  #peerOf(pod: Pod): PeerPod {
    const peer = this.#peersOfPods.get(pod) ?? peerPods.parse(pod);
    this.#peersOfPods.set(pod, peer);
    return peer;
  }

  /** With the node's own address, a pod cannot be told from the node or its like. */
  #isOfNode(podIPs: readonly string[]): boolean {
    return podIPs.some((address) => this.#init.hostIPs.includes(address));
  }

  #pathOf({ metadata }: Pod): string {
    return path.join(this.#components.directories.ofPod(metadata), 'peers');
  }

  #reflector<T extends KubernetesObject>(resource: Resource<T>, store: Store<T, string>) {
    const { client, log } = this.#components;
    const onUnreadable = (error: unknown) => log.warn(`Cannot take a ${resource.kind}: ${error}`);
    const source = new ApiListWatch({ client, resource }, { onUnreadable });
    const onError = (error: unknown) => log.warn(`Cannot follow ${resource.plural}: ${error}`);
    return new Reflector({ source, store }, { onError });
  }
}
