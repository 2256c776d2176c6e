import type { Store } from '../../krator/cache/store.ts';
import { runWorkers } from '../../krator/queue/run-workers.ts';
import { WorkQueue } from '../../krator/queue/work-queue.ts';
import type { ApiClient } from '../../kubernetes/api/api-client.ts';
import { isApiError } from '../../kubernetes/api/api-error.ts';
import { keyOf } from '../../kubernetes/api/object.ts';
import type { Clock } from '../../kubernetes/clock.ts';
import type { NodeLog } from '../node/node-log.ts';
import type { Pod } from '../pods/schema/pod.ts';
import { pods as podResource } from './core-resources.ts';
import type { EventRecorder } from './event-recorder.ts';
import { type PodSubject, podSubject } from './pod-subject.ts';

/** What `UnreadablePods` needs. */
export interface UnreadablePodsComponents {
  readonly client: ApiClient;
  readonly clock: Clock;
  readonly log: NodeLog;
  readonly events: Pick<EventRecorder, 'record' | 'recordUnreadable'>;
  /** The pods of the API server that could be read. */
  readonly pods: Store<Pod, string>;
}

type DeletedPod = Pick<PodSubject, 'namespace' | 'name' | 'uid'>;

/**
 * Pods of this node that it does not understand, or cannot run beside another. It says so, and sees to it that they can be
 * deleted: a pod goes away only when its node lets go of it.
 */
export class UnreadablePods {
  readonly #components: UnreadablePodsComponents;
  readonly #queue: WorkQueue;
  readonly #deleted = new Map<string, DeletedPod>();

  constructor(components: UnreadablePodsComponents) {
    this.#components = components;
    this.#queue = new WorkQueue({
      clock: components.clock,
      backoff: { firstDelay: 500, maxDelay: 30_000 },
    });
  }

  /** Takes in a version of a pod that could not be read, as the API server has it. */
  take(object: unknown, problem: string): void {
    const { log, events } = this.#components;
    log.warn(`Cannot take a pod: ${problem}`);
    const subject = podSubject(object);
    if (subject === undefined) return;
    events.recordUnreadable(subject, problem);
    if (subject.deletionTimestamp !== undefined) this.#letGo(subject);
  }

  /** Takes in a version of a pod that could be read, and still does not run. */
  refuse(pod: Pod, why: string): void {
    const { log, events } = this.#components;
    log.warn(`Cannot run pod "${keyOf(pod)}": ${why}`);
    events.record({ pod, type: 'Warning', reason: 'FailedSync', message: why });
    if (pod.metadata.deletionTimestamp !== undefined) this.#willDelete(pod.metadata);
  }

  /** Deletes such pods until the signal aborts. */
  async run({ signal }: { readonly signal: AbortSignal }): Promise<void> {
    using queue = this.#queue;
    await runWorkers(queue, (uid) => this.#delete(uid, signal), {
      signal,
      onError: (error) => this.#components.log.warn(`Cannot delete a pod: ${String(error)}`),
    });
  }

  /** One that was readable before runs as it was then, and is ended like any other. */
  #letGo(subject: PodSubject): void {
    const { pods } = this.#components;
    const { deletionTimestamp, deletionGracePeriodSeconds, resourceVersion, uid } = subject;
    const known = pods.get(keyOf({ metadata: subject }));
    if (known?.metadata.uid !== uid) {
      this.#willDelete(subject);
      return;
    }
    const deletion = {
      ...(deletionTimestamp !== undefined && { deletionTimestamp }),
      ...(deletionGracePeriodSeconds !== undefined && { deletionGracePeriodSeconds }),
      ...(resourceVersion !== undefined && { resourceVersion }),
    };
    pods.put({ ...known, metadata: { ...known.metadata, ...deletion } });
  }

  #willDelete(subject: DeletedPod): void {
    this.#deleted.set(subject.uid, subject);
    this.#queue.add(subject.uid);
  }

  async #delete(uid: string, signal: AbortSignal): Promise<void> {
    const subject = this.#deleted.get(uid);
    if (subject === undefined) return;
    try {
      const options = { signal, uid, gracePeriodSeconds: 0 };
      await this.#components.client.delete(podResource, subject, options);
    } catch (error) {
      // A conflict is about the uid: another pod has the name by now.
      if (!isApiError(error, 'NotFound', 'Conflict')) throw error;
    }
    this.#deleted.delete(uid);
  }
}
