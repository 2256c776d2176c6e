import { existsSync } from 'node:fs';
import path from 'node:path';
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
import { PeerDirectory } from '../network/policies/peer-directory.ts';
import { isSamePeer, type PeerPod, peerPods } from '../network/policies/peer-pods.ts';
import { podRules } from '../network/policies/pod-rules.ts';
import type { NodeLog } from '../node/node-log.ts';
import type { PodDirectories } from '../pods/pod-directories.ts';
import type { Pod } from '../pods/schema/pod.ts';
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

  /** The directory with the rules of a pod, as they are now; undefined where none are enforced. */
  prepare(pod: Pod, podIPs: readonly string[]): string | undefined {
    if (!this.isActive || this.#isOfNode(podIPs)) return undefined;
    const known = this.#directories.get(pod.metadata.uid);
    const directory = known ?? new LiveDirectory(this.#pathOf(pod));
    this.#directories.set(pod.metadata.uid, directory);
    const rules = this.#rulesOf(pod, () => this.#peers());
    directory.put(fileName, rules);
    // Its neighbours shall know it before it asks them for something.
    if (known === undefined) this.#update();
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

  /** Of each pod that was told of rules, by an earlier life of this process too. */
  #update(): void {
    let peers: PeerDirectory | undefined;
    const known = () => {
      peers ??= this.#peers();
      return peers;
    };
    const pods = new Map(this.#components.pods().map(({ pod }) => [pod.metadata.uid, pod]));
    for (const uid of this.#directories.keys()) if (!pods.has(uid)) this.#directories.delete(uid);
    for (const [uid, pod] of pods) {
      const place = this.#pathOf(pod);
      if (!existsSync(place)) continue;
      const directory = this.#directories.get(uid) ?? new LiveDirectory(place);
      this.#directories.set(uid, directory);
      directory.put(fileName, this.#rulesOf(pod, known));
    }
  }

  #rulesOf(pod: Pod, peers: () => PeerDirectory): string {
    const policies = this.#policies.find('namespace', pod.metadata.namespace);
    if (policies.length === 0) return '';
    const { hostIPs: nodes } = this.#init;
    return podRules(peerPods.parse(pod), { policies, peers: peers(), nodes });
  }

  /** All pods, those of this node by what is known here: the cluster hears of their addresses late. */
  #peers(): PeerDirectory {
    const pods = new Map(this.#pods.list().map((pod) => [keyOf(pod), pod]));
    for (const { pod, podIPs } of this.#components.pods()) {
      const isOver = pod.status.phase === 'Succeeded' || pod.status.phase === 'Failed';
      if (isOver || this.#isOfNode(podIPs)) continue;
      pods.set(keyOf(pod), { ...peerPods.parse(pod), addresses: podIPs });
    }
    return new PeerDirectory([...pods.values()], this.#namespaces.list());
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
