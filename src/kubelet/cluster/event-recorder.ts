import { runWorkers } from '../../krator/queue/run-workers.ts';
import { WorkQueue } from '../../krator/queue/work-queue.ts';
import type { ApiClient, RequestOptions } from '../../kubernetes/api/api-client.ts';
import { isApiError } from '../../kubernetes/api/api-error.ts';
import type { KubernetesObject } from '../../kubernetes/api/object.ts';
import { parserOf, type Resource } from '../../kubernetes/api/resource.ts';
import { type Clock, systemClock } from '../../kubernetes/clock.ts';
import { messageOf } from '../../kubernetes/message-of.ts';
import type { Node } from '../../kubernetes/resources/node.ts';
import type { NodeEvent } from '../node/heartbeat/node-events.ts';
import type { NodeLog } from '../node/node-log.ts';
import type { EventSink, PodEvent } from '../pods/pod-ports.ts';
import type { PodSubject } from './pod-subject.ts';
import { TokenBuckets } from './token-buckets.ts';

/** What `EventRecorder` needs. */
export interface EventRecorderComponents {
  readonly client: ApiClient;
  readonly nodeName: string;
  readonly log: NodeLog;
  /** @default the machine's clock */
  readonly clock?: Clock;
  /** Hears of each event that is given up, other than by the limit for its pod. */
  readonly onDrop?: (() => void) | undefined;
}

/** core/v1 Event, the fields that are written. */
interface Event extends KubernetesObject {
  readonly involvedObject: object;
  readonly type: string;
  readonly reason: string;
  readonly message: string;
  readonly count: number;
  readonly firstTimestamp: string;
  readonly lastTimestamp: string;
  readonly source: object;
  readonly reportingComponent: string;
  readonly reportingInstance: string;
}

const events: Resource<Event> = {
  apiVersion: 'v1',
  kind: 'Event',
  plural: 'events',
  namespaced: true,
  parse: parserOf('Event'),
};

/** As client-go's correlator: the same event again within ten minutes raises its count. */
const sameEventPeriod = 10 * 60_000;
/** The API server takes no longer ones. */
const maxMessageLength = 1024;
/** As client-go's broadcaster. */
const maxWaiting = 1_000;
/** How long events give way to what pods wait for, in milliseconds. */
const patience = 5_000;
const maxTries = 5;

/** What an event is about. */
type Subject =
  | (PodSubject & { readonly kind: 'Pod' })
  | { readonly kind: 'Node'; readonly name: string; readonly uid: string };

interface Happening extends Pick<PodEvent, 'type' | 'reason' | 'message'> {
  readonly subject: Subject;
  readonly fieldPath?: string;
}

/** An event as it was last written, and whether the API server has it. */
interface Recorded {
  event: Event;
  isWritten: boolean;
  lastAt: number;
}

/**
 * Writes events as stock kubelets do: the same event again raises a count, a pod that makes too
 * many is cut off for a while, and an API server that is away loses events rather than memory:
 * the log says so once, and how many they were when all that waited has been written. Their
 * requests give way to those that pods wait for.
 */
export class EventRecorder implements EventSink {
  readonly #client: ApiClient;
  readonly #nodeName: string;
  readonly #log: NodeLog;
  readonly #onDrop: () => void;
  readonly #clock: Clock;
  readonly #queue: WorkQueue;
  readonly #recorded = new Map<string, Recorded>();
  readonly #buckets: TokenBuckets;
  /** Nanoseconds of the newest event's name. */
  #newestName = 0n;
  /** Events given up since all that waited were written. */
  #dropped = 0;

  constructor({ client, nodeName, log, clock, onDrop }: EventRecorderComponents) {
    this.#client = client;
    this.#nodeName = nodeName;
    this.#log = log;
    this.#onDrop = onDrop ?? (() => undefined);
    this.#clock = clock ?? systemClock;
    this.#queue = new WorkQueue({
      clock: this.#clock,
      backoff: { firstDelay: 500, maxDelay: 10_000 },
    });
    // client-go's spam filter: 25 at once for each pod, and then one in five minutes.
    this.#buckets = new TokenBuckets({ size: 25, refillPeriod: 300_000 });
  }

  record(event: PodEvent): void {
    const subject = { ...event.pod.metadata, kind: 'Pod' } as const;
    this.#record({ ...event, subject, ...fieldPathOf(event) });
  }

  /** Says of a pod that cannot be read why it does not run. */
  recordUnreadable(subject: PodSubject, problem: string): void {
    const message = `Error validating pod: ${problem}`;
    const about = { ...subject, kind: 'Pod' } as const;
    this.#record({ subject: about, type: 'Warning', reason: 'FailedValidation', message });
  }

  /** Tells of something that happened to the node itself. */
  recordOfNode({ metadata: { name, uid = '' } }: Node, event: NodeEvent): void {
    this.#record({ ...event, subject: { kind: 'Node', name, uid } });
  }

  #record(event: Happening): void {
    const now = this.#clock.now();
    this.#forgetOld(now);
    const { uid } = event.subject;
    if (this.#queue.length >= maxWaiting) {
      this.#drop(`${maxWaiting} others wait to be written`);
      return;
    }
    if (!this.#buckets.take(uid, now)) return;
    const key = JSON.stringify([uid, event.fieldPath, event.type, event.reason, event.message]);
    const earlier = this.#recorded.get(key);
    const time = rfc3339(now);
    if (earlier) {
      const count = earlier.event.count + 1;
      earlier.event = { ...earlier.event, count, lastTimestamp: time };
      earlier.lastAt = now;
    } else {
      this.#recorded.set(key, { event: this.#toEvent(event, time), isWritten: false, lastAt: now });
    }
    this.#queue.add(key);
  }

  /** Writes events until the signal aborts. */
  async run({ signal }: { readonly signal: AbortSignal }): Promise<void> {
    using queue = this.#queue;
    await runWorkers(queue, (key) => this.#write(key, signal), {
      signal,
      onError: (error, key) => {
        if (queue.failures(key) < maxTries || !this.#recorded.delete(key)) return;
        this.#drop(messageOf(error));
      },
    });
  }

  #drop(why: string): void {
    if (this.#dropped === 0) this.#log.warn(`Events are given up: ${why}`);
    this.#dropped += 1;
    this.#onDrop();
  }

  #tellOfDropped(): void {
    if (this.#dropped === 0 || this.#queue.length > 0) return;
    this.#log.info(`Events are written again, ${this.#dropped} were given up`);
    this.#dropped = 0;
  }

  async #write(key: string, signal: AbortSignal): Promise<void> {
    const recorded = this.#recorded.get(key);
    if (!recorded) return;
    const { event, isWritten, lastAt } = recorded;
    const waited = Math.max(this.#clock.now() - lastAt, 0);
    const options = { signal, patience: Math.max(patience - waited, 0) };
    try {
      if (isWritten) await this.#raiseCount(event, options);
      else await this.#client.create(events, event, options);
      recorded.isWritten = true;
    } catch (error) {
      // The namespace goes away, or the event has expired: there is nobody left to be told.
      if (!isApiError(error, 'NotFound', 'Forbidden')) throw error;
      this.#recorded.delete(key);
    }
    this.#tellOfDropped();
  }

  async #raiseCount(event: Event, options: RequestOptions): Promise<void> {
    const { metadata, count, lastTimestamp } = event;
    const patch = { kind: 'merge', body: { count, lastTimestamp } } as const;
    await this.#client.patch(events, metadata, patch, options);
  }

  #toEvent({ subject, type, reason, message, fieldPath }: Happening, time: string): Event {
    const { name } = subject;
    // A Node is in no namespace; its events are in this one.
    const namespace = subject.kind === 'Pod' ? subject.namespace : 'default';
    return {
      metadata: { name: `${name.slice(0, 230)}.${this.#nextName()}`, namespace },
      involvedObject: involvedObject(subject, fieldPath),
      type,
      reason,
      message: message.slice(0, maxMessageLength),
      count: 1,
      firstTimestamp: time,
      lastTimestamp: time,
      source: { component: 'kubelet', host: this.#nodeName },
      reportingComponent: 'kubelet',
      reportingInstance: this.#nodeName,
    };
  }

  /**
   * The time in hexadecimal nanoseconds, as client-go names events: kubectl sorts those of one second
   * by name, and so in the order in which things happened.
   */
  #nextName(): string {
    const now = BigInt(Math.round(this.#clock.now() * 1e6));
    this.#newestName = now > this.#newestName ? now : this.#newestName + 1n;
    return this.#newestName.toString(16);
  }

  #forgetOld(now: number): void {
    for (const [key, { lastAt }] of this.#recorded) {
      if (now - lastAt < sameEventPeriod) break;
      this.#recorded.delete(key);
    }
  }
}

function involvedObject(subject: Subject, fieldPath: string | undefined): object {
  const { kind, name, uid } = subject;
  if (kind === 'Node') return { apiVersion: 'v1', kind, name, uid };
  const { namespace, resourceVersion } = subject;
  return { apiVersion: 'v1', kind, name, namespace, uid, resourceVersion, fieldPath };
}

/** What part of a pod's spec the event is about. */
function fieldPathOf({ pod, container }: PodEvent): Pick<Happening, 'fieldPath'> {
  if (container === undefined) return {};
  const isInit = pod.spec.initContainers.some((init) => init.name === container);
  return { fieldPath: `spec.${isInit ? 'initContainers' : 'containers'}{${container}}` };
}

function rfc3339(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace(/\.\d+Z$/, 'Z');
}
