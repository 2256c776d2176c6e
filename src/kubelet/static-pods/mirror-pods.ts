import type { Store } from '../../krator/cache/store.ts';
import { runWorkers } from '../../krator/queue/run-workers.ts';
import { WorkQueue } from '../../krator/queue/work-queue.ts';
import type { AbortOptions } from '../../kubernetes/abort-options.ts';
import type { ApiClient } from '../../kubernetes/api/api-client.ts';
import { isApiError } from '../../kubernetes/api/api-error.ts';
import { keyOf } from '../../kubernetes/api/object.ts';
import type { Clock } from '../../kubernetes/clock.ts';
import type { Node } from '../../kubernetes/resources/node.ts';
import { ApiPods } from '../cluster/api-pods.ts';
import { pods as podResource } from '../cluster/core-resources.ts';
import { parsePod } from '../pods/parse-pod.ts';
import type { PodClient } from '../pods/pod-ports.ts';
import type { Pod } from '../pods/schema/pod.ts';
import type { PodStatus } from '../pods/schema/pod-status.ts';
import { hashAnnotation, isMirror, mirrorAnnotation } from './static-annotations.ts';

export interface MirrorPodsComponents {
  readonly client: ApiClient;
  readonly clock: Clock;
  /** Pods of this node at the API server, mirrors among them. */
  readonly atServer: Store<Pod, string>;
  /** The node's own Node, which owns its mirrors. */
  readonly node: () => Promise<Node>;
  readonly onError: (error: unknown) => void;
}

interface Wanted {
  readonly pod: Pod;
  readonly status: PodStatus;
}

/**
 * Shows static pods at the API server, each as a mirror pod: `kubectl get` sees it, deleting it
 * does nothing to the static pod.
 */
export class MirrorPods implements PodClient {
  readonly #components: MirrorPodsComponents;
  readonly #statuses: ApiPods;
  readonly #queue: WorkQueue;
  readonly #wanted = new Map<string, Wanted>();

  constructor(components: MirrorPodsComponents) {
    this.#components = components;
    this.#statuses = new ApiPods(components.client);
    this.#queue = new WorkQueue({
      clock: components.clock,
      backoff: { firstDelay: 500, maxDelay: 30_000 },
    });
  }

  async writeStatus(pod: Pod, status: PodStatus, options: AbortOptions = {}): Promise<void> {
    this.#wanted.set(keyOf(pod), { pod, status });
    await this.#reconcile(keyOf(pod), options);
  }

  async delete(pod: Pod, options: AbortOptions = {}): Promise<void> {
    this.#wanted.delete(keyOf(pod));
    await this.#reconcile(keyOf(pod), options);
  }

  /** Brings back mirrors that somebody deletes, until the signal aborts. */
  async run({ signal }: { readonly signal: AbortSignal }): Promise<void> {
    using _subscription = this.#components.atServer.subscribe(({ kind, object }) => {
      const isGoing = kind === 'removed' || object.metadata.deletionTimestamp !== undefined;
      if (isGoing && isMirror(object)) this.#queue.add(keyOf(object));
    });
    using queue = this.#queue;
    await runWorkers(queue, (key) => this.#reconcile(key, { signal }), {
      signal,
      onError: this.#components.onError,
    });
  }

  /** Removes mirrors of static pods that went away while nobody looked. */
  removeOrphans(staticPods: Store<Pod, string>): void {
    for (const pod of this.#components.atServer.list()) {
      if (isMirror(pod) && staticPods.get(keyOf(pod)) === undefined) this.#queue.add(keyOf(pod));
    }
  }

  async #reconcile(key: string, options: AbortOptions): Promise<void> {
    const wanted = this.#wanted.get(key);
    const mirror = this.#components.atServer.get(key);
    if (mirror !== undefined && isMirror(mirror) && !shows(mirror, wanted?.pod)) {
      await this.#statuses.delete(mirror, options);
    }
    if (wanted === undefined) return;
    const shown = shows(mirror, wanted.pod) ? mirror : await this.#create(wanted.pod, options);
    await this.#statuses.writeStatus(shown, wanted.status, options);
  }

  async #create({ metadata, spec }: Pod, options: AbortOptions): Promise<Pod> {
    const { client, node } = this.#components;
    const owner = (await node()).metadata;
    const { name, namespace, labels, annotations } = metadata;
    const mirror = parsePod({
      metadata: {
        name,
        namespace,
        labels,
        annotations: { ...annotations, [mirrorAnnotation]: annotations[hashAnnotation] },
        ownerReferences: [
          { apiVersion: 'v1', kind: 'Node', name: owner.name, uid: owner.uid, controller: true },
        ],
      },
      spec,
    });
    try {
      return await client.create(podResource, mirror, options);
    } catch (error) {
      if (!isApiError(error, 'AlreadyExists')) throw error;
      return await client.get(podResource, { name, namespace }, options);
    }
  }
}

function shows(mirror: Pod | undefined, pod: Pod | undefined): mirror is Pod {
  return (
    mirror !== undefined &&
    mirror.metadata.deletionTimestamp === undefined &&
    pod !== undefined &&
    mirror.metadata.annotations[mirrorAnnotation] === pod.metadata.annotations[hashAnnotation]
  );
}
