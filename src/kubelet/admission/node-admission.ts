import type { AbortOptions } from '../../kubernetes/abort-options.ts';
import type { Node } from '../../kubernetes/resources/node.ts';
import type { AdmissionDecision, PodAdmission } from '../pods/pod-ports.ts';
import type { Pod } from '../pods/schema/pod.ts';
import type { PodFailure } from '../pods/status/observation.ts';
import { type HostPort, hostPortsCollide, hostPortsOf } from './host-ports.ts';
import { matchesNode } from './node-affinity.ts';
import { type Amounts, amountsOf, podRequests } from './pod-requests.ts';
import { untoleratedTaint } from './tolerations.ts';

/** What `NodeAdmission` needs. */
export interface NodeAdmissionComponents {
  /** The node's own Node as it is now. */
  readonly node: () => Pick<Node, 'metadata' | 'spec' | 'status'>;
  /** Handlers of the provider; the empty one is the default. */
  readonly runtimeHandlers: readonly string[];
  /** The handler of a RuntimeClass; `undefined` where there is no such class. */
  readonly handlerOf: (
    runtimeClassName: string,
    options?: AbortOptions,
  ) => Promise<string | undefined>;
}

interface CountedPod {
  readonly requests: Amounts;
  readonly hostPorts: readonly HostPort[];
  /** Whether it was taken on by an earlier life of this process, and not admitted in this one yet. */
  readonly isExpected: boolean;
}

/** What both stock kubelets and the scheduler count; of other resources the node has none. */
const countedResources = ['cpu', 'memory', 'ephemeral-storage'] as const;

/**
 * The kubelet's last look at a pod that was bound to its node: whoever bound it may not have known
 * what else is here by now. Reasons and messages are those of stock kubelets.
 */
export class NodeAdmission implements PodAdmission {
  readonly #components: NodeAdmissionComponents;
  readonly #counted = new Map<string, CountedPod>();

  constructor(components: NodeAdmissionComponents) {
    this.#components = components;
  }

  expect(pod: Pod): void {
    this.#count(pod, { isExpected: true });
  }

  async admit(pod: Pod, options: AbortOptions = {}): Promise<AdmissionDecision> {
    const runtimeHandler = await this.#handlerFor(pod, options);
    const others = this.#othersThan(pod);
    const failure =
      this.#unknownHandler(runtimeHandler) ??
      this.#misplaced(pod) ??
      this.#shortage(pod, others) ??
      portConflict(pod, others);
    if (failure) return { kind: 'refused', failure };
    this.#count(pod, { isExpected: false });
    return { kind: 'admitted', runtimeHandler };
  }

  release({ metadata: { uid } }: Pod): void {
    this.#counted.delete(uid);
  }

  #count(pod: Pod, { isExpected }: Pick<CountedPod, 'isExpected'>): void {
    const counted = { requests: podRequests(pod), hostPorts: hostPortsOf(pod), isExpected };
    this.#counted.set(pod.metadata.uid, counted);
  }

  async #handlerFor(
    { spec: { runtimeClassName = '' } }: Pod,
    options: AbortOptions,
  ): Promise<string> {
    if (runtimeClassName === '') return '';
    const handler = await this.#components.handlerOf(runtimeClassName, options);
    if (handler !== undefined) return handler;
    // Tried again: the class may be about to come.
    throw new Error(`Cannot start the pod: RuntimeClass '${runtimeClassName}' not found`);
  }

  #unknownHandler(handler: string): PodFailure | undefined {
    const { runtimeHandlers } = this.#components;
    if (runtimeHandlers.includes(handler)) return undefined;
    const known = runtimeHandlers.filter((name) => name !== '').join(', ');
    return {
      reason: 'UnexpectedAdmissionError',
      message: `no runtime for handler "${handler}" is configured: use a RuntimeClass with one of ${known}`,
    };
  }

  #misplaced(pod: Pod): PodFailure | undefined {
    const { metadata, spec } = this.#components.node();
    if (!matchesNode(pod, { name: metadata.name, labels: metadata.labels ?? {} })) {
      return failed('NodeAffinity', "node(s) didn't match Pod's node affinity/selector");
    }
    const taint = untoleratedTaint(spec?.taints ?? [], pod.spec.tolerations);
    if (!taint) return undefined;
    const text = `{${taint.key}: ${taint.value ?? ''}}`;
    return failed('TaintToleration', `node(s) had untolerated taint ${text}`);
  }

  #shortage(pod: Pod, others: readonly CountedPod[]): PodFailure | undefined {
    const allocatable = amountsOf(this.#components.node().status?.allocatable);
    const podLimit = allocatable.get('pods') ?? Number.POSITIVE_INFINITY;
    if (others.length + 1 > podLimit) return outOf('pods', 1, others.length, podLimit);
    const wanted = podRequests(pod);
    for (const name of countedResources) {
      const want = wanted.get(name) ?? 0;
      if (want === 0) continue;
      const use = others.reduce((sum, { requests }) => sum + (requests.get(name) ?? 0), 0);
      const have = allocatable.get(name) ?? 0;
      if (want + use > have) return outOf(name, want, use, have);
    }
    return undefined;
  }

  /** Pods that are expected stand before those that are not; among themselves the first counts. */
  #othersThan({ metadata: { uid } }: Pod): readonly CountedPod[] {
    const own = this.#counted.get(uid);
    return [...this.#counted.values()].filter(
      (other) => other !== own && !(own?.isExpected && other.isExpected),
    );
  }
}

function portConflict(pod: Pod, others: readonly CountedPod[]): PodFailure | undefined {
  const wanted = hostPortsOf(pod);
  if (!others.some(({ hostPorts }) => hostPortsCollide(wanted, hostPorts))) return undefined;
  return failed('NodePorts', "node(s) didn't have free ports for the requested pod ports");
}

function failed(predicate: string, why: string): PodFailure {
  return { reason: predicate, message: `Predicate ${predicate} failed: ${why}` };
}

function outOf(resource: string, requested: number, used: number, capacity: number): PodFailure {
  const amounts = `requested: ${requested}, used: ${used}, capacity: ${capacity}`;
  return {
    reason: `OutOf${resource}`,
    message: `Node didn't have enough resource: ${resource}, ${amounts}`,
  };
}
