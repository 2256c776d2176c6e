import type { KubernetesObject } from '../../../kubernetes/api/object.ts';
import { selects } from './label-selector.ts';
import type { NetworkPolicy } from './network-policies.ts';
import { PeerDirectory } from './peer-directory.ts';
import type { PeerPod } from './peer-pods.ts';
import { podRules } from './pod-rules.ts';

/** A cluster at one moment, as far as NetworkPolicies ask for it. */
export interface RulesByPodInit {
  /** The policies of a namespace. */
  readonly policies: (namespace: string) => readonly NetworkPolicy[];
  /** Made when the first policy is found. */
  readonly peers: () => readonly PeerPod[];
  readonly namespaces: () => readonly KubernetesObject[];
  /** Addresses of the pods' own node. */
  readonly nodes: readonly string[];
}

/**
 * The rules of many pods at one moment. They are put together once for all pods that the same
 * policies select: those of a Deployment share them, and each may name all of them as peers.
 */
export class RulesByPod {
  readonly #init: RulesByPodInit;
  readonly #texts = new Map<string, string>();
  #directory: PeerDirectory | undefined;

  constructor(init: RulesByPodInit) {
    this.#init = init;
  }

  /** As {@link podRules} has them; empty where no policy selects the pod. */
  of(pod: PeerPod): string {
    const { namespace = '' } = pod.metadata;
    const policies = this.#init
      .policies(namespace)
      .filter(({ spec }) => selects(spec?.podSelector ?? {}, pod.labels));
    if (policies.length === 0) return '';
    // Of the pod itself the rules have but the numbers of named ports.
    const key = JSON.stringify([namespace, policies.map((it) => it.metadata.name), pod.ports]);
    const text = this.#texts.get(key) ?? this.#textOf(pod, policies);
    this.#texts.set(key, text);
    return text;
  }

  #textOf(pod: PeerPod, policies: readonly NetworkPolicy[]): string {
    const { peers, namespaces, nodes } = this.#init;
    this.#directory ??= new PeerDirectory(peers(), namespaces());
    return podRules(pod, { policies, peers: this.#directory, nodes });
  }
}
