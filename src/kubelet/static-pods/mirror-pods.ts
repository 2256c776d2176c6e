import type { Store } from '../../krator/cache/store.ts';
import { runWorkers } from '../../krator/queue/run-workers.ts';
import { Turns } from '../../krator/queue/turns.ts';
import { WorkQueue } from '../../krator/queue/work-queue.ts';
import type { AbortOptions } from '../../kubernetes/abort-options.ts';
import type { ApiClient } from '../../kubernetes/api/api-client.ts';
import { isApiError } from '../../kubernetes/api/api-error.ts';
import { keyOf } from '../../kubernetes/api/object.ts';
import type { Clock } from '../../kubernetes/clock.ts';
import type { Node } from '../../kubernetes/resources/node.ts';
import { abortable } from '../abortable.ts';
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
  /** Pods of this node at the API server, mirrors among them; what it says may be a little old. */
  readonly atServer: Store<Pod, string>;
  /** The static pods of this node; all are known once `synced` resolves. */
  readonly staticPods: { readonly store: Store<Pod, string>; readonly synced: Promise<void> };
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
 * does nothing to the static pod. A mirror is worked on by one at a time, so that none is made
 * after the last word on its pod.
 */
export class MirrorPods implements PodClient {
  readonly #components: MirrorPodsComponents;
  readonly #statuses: ApiPods;
  readonly #queue: WorkQueue;
  readonly #turns = new Turns();
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
    const wanted = { pod, status };
    this.#wanted.set(keyOf(pod), wanted);
    await this.#turns.take(keyOf(pod), () => this.#show(wanted, options));
  }

  async delete(pod: Pod, options: AbortOptions = {}): Promise<void> {
    const key = keyOf(pod);
    this.#wanted.delete(key);
    try {
      await this.#turns.take(key, () => this.#remove(pod, options));
    } catch (error) {
      this.#queue.add(key);
      throw error;
    }
  }

  /**
   * Until the signal aborts, brings back mirrors that somebody deletes, and removes those whose
   * static pods went away while nobody looked.
   */
  async run({ signal }: { readonly signal: AbortSignal }): Promise<void> {
    const { atServer, onError } = this.#components;
    using _subscription = atServer.subscribe(({ object }) => {
      if (isMirror(object)) this.#queue.add(keyOf(object));
    });
    for (const pod of atServer.list()) if (isMirror(pod)) this.#queue.add(keyOf(pod));
    using queue = this.#queue;
    const work = (key: string) => this.#turns.take(key, () => this.#look(key, signal));
    await runWorkers(queue, work, { signal, onError });
  }

  /** A pod of whose status nothing is known yet may be about to start. */
  async #look(key: string, signal: AbortSignal): Promise<void> {
    const { atServer, staticPods } = this.#components;
    const wanted = this.#wanted.get(key);
    if (wanted !== undefined) return await this.#show(wanted, { signal });
    await abortable(staticPods.synced, signal);
    const mirror = atServer.get(key);
    if (mirror === undefined || !isMirror(mirror) || staticPods.store.get(key)) return;
    await this.#statuses.delete(mirror, { signal });
  }

  async #show({ pod, status }: Wanted, options: AbortOptions): Promise<void> {
    const mirror = this.#components.atServer.get(keyOf(pod));
    const isShown = mirror !== undefined && shows(mirror, pod);
    if (mirror !== undefined && isMirror(mirror) && !isShown) {
      await this.#statuses.delete(mirror, options);
    }
    const shown = isShown ? mirror : await this.#create(pod, options);
    await this.#statuses.writeStatus(shown, status, options);
  }

  /** What was made a moment ago may not have been seen here yet, so the API server is asked. */
  async #remove({ metadata }: Pod, options: AbortOptions): Promise<void> {
    try {
      const mirror = await this.#components.client.get(podResource, metadata, options);
      if (isMirror(mirror)) await this.#statuses.delete(mirror, options);
    } catch (error) {
      if (!isApiError(error, 'NotFound')) throw error;
    }
  }

  async #create(pod: Pod, options: AbortOptions): Promise<Pod> {
    const { client, node } = this.#components;
    const mirror = mirrorOf(pod, await abortable(node(), options.signal));
    try {
      return await client.create(podResource, mirror, options);
    } catch (error) {
      if (!isApiError(error, 'AlreadyExists')) throw error;
      const found = await client.get(podResource, mirror.metadata, options);
      if (shows(found, pod)) return found;
      throw new Error(`pod '${keyOf(pod)}' cannot be shown: another pod has its name`);
    }
  }
}

function mirrorOf({ metadata, spec }: Pod, { metadata: owner }: Node): Pod {
  const { name, namespace, labels, annotations } = metadata;
  return parsePod({
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
}

function shows({ metadata }: Pod, pod: Pod): boolean {
  return (
    metadata.deletionTimestamp === undefined &&
    metadata.annotations[mirrorAnnotation] === pod.metadata.annotations[hashAnnotation]
  );
}
