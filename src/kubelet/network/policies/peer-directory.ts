import type { KubernetesObject } from '../../../kubernetes/api/object.ts';
import { selects } from './label-selector.ts';
import type { NetworkPolicyPeer } from './network-policies.ts';
import type { PeerPod } from './peer-pods.ts';

/** The pods of the cluster at one moment, found by policies' selectors; many ask for the same. */
export class PeerDirectory {
  readonly #pods: readonly PeerPod[];
  readonly #namespaceLabels: ReadonlyMap<string, Readonly<Record<string, string>>>;
  readonly #found = new Map<string, readonly PeerPod[]>();

  constructor(pods: readonly PeerPod[], namespaces: readonly KubernetesObject[]) {
    this.#pods = pods.filter(({ addresses }) => addresses.length > 0);
    this.#namespaceLabels = new Map(
      namespaces.map(({ metadata: { name, labels = {} } }) => [name, labels]),
    );
  }

  /** All pods that have an address. */
  get all(): readonly PeerPod[] {
    return this.#pods;
  }

  /** The pods that a peer of a policy in `namespace` selects; of a block of addresses none. */
  find(peer: NetworkPolicyPeer, namespace: string): readonly PeerPod[] {
    const key = JSON.stringify([peer, peer.namespaceSelector ? '' : namespace]);
    const found = this.#found.get(key) ?? this.#select(peer, namespace);
    this.#found.set(key, found);
    return found;
  }

  #select({ namespaceSelector, podSelector }: NetworkPolicyPeer, own: string) {
    if (!namespaceSelector && !podSelector) return [];
    const isInNamespace = (name: string) =>
      namespaceSelector
        ? selects(namespaceSelector, this.#namespaceLabels.get(name))
        : name === own;
    const chosen = new Set(
      [own, ...this.#namespaceLabels.keys()].filter((name) => isInNamespace(name)),
    );
    return this.#pods.filter(
      ({ metadata: { namespace = '' }, labels }) =>
        chosen.has(namespace) && selects(podSelector ?? {}, labels),
    );
  }
}
