import type { ApiClient } from '../../kubernetes/api/api-client.ts';
import { isApiError } from '../../kubernetes/api/api-error.ts';
import { type KubernetesObject, keyOf } from '../../kubernetes/api/object.ts';
import type { Resource } from '../../kubernetes/api/resource.ts';
import { runWorkers } from '../queue/run-workers.ts';
import { WorkQueue, type WorkQueueInit } from '../queue/work-queue.ts';
import { type JsonObject, type StatusShape, strategicDiff } from './strategic-diff.ts';

/** What `StatusWriter` needs. */
export interface StatusWriterComponents<T extends KubernetesObject> {
  readonly client: ApiClient;
  readonly resource: Resource<T>;
  /** The object's status as the API server last had it. */
  readonly statusOf: (object: T) => object | undefined;
}

/** All optional. */
export interface StatusWriterInit extends StatusShape {
  /** How many objects are written at a time. @default 8 */
  readonly workers?: number;
  /** How a write that failed is tried again. @default from 100 ms doubled up to 30 s */
  readonly queue?: WorkQueueInit;
  /** Hears why a write failed; it is tried again. */
  readonly onError?: (error: unknown, key: string) => void;
}

interface Wanted<T> {
  readonly object: T;
  readonly status: JsonObject;
}

/**
 * Brings statuses to the API server: only the difference, only where there is one, and of several
 * that follow fast only the last. A status is written to the object with the same `uid` or to none.
 */
export class StatusWriter<T extends KubernetesObject> {
  readonly #components: StatusWriterComponents<T>;
  readonly #init: StatusWriterInit;
  readonly #queue: WorkQueue;
  readonly #wanted = new Map<string, Wanted<T>>();
  readonly #written = new Map<string, T>();
  readonly #waiting = new Map<string, PromiseWithResolvers<void>>();

  constructor(components: StatusWriterComponents<T>, init: StatusWriterInit = {}) {
    this.#components = components;
    this.#init = init;
    const backoff = { firstDelay: 100, maxDelay: 30_000, jitter: 0.5 };
    this.#queue = new WorkQueue({ backoff, ...init.queue });
  }

  /** Asks for the object to have this status; resolves when it has, or when it is no more. */
  write(object: T, status: object): Promise<void> {
    const key = keyOf(object);
    this.#wanted.set(key, { object, status: { ...status } });
    const waiting = this.#waiting.get(key) ?? Promise.withResolvers<void>();
    this.#waiting.set(key, waiting);
    this.#queue.add(key);
    return waiting.promise;
  }

  /** Forgets an object that is no more. */
  forget(key: string): void {
    this.#written.delete(key);
    this.#settle(key);
  }

  /** Writes until the signal aborts. */
  async run({ signal }: { readonly signal: AbortSignal }): Promise<void> {
    using queue = this.#queue;
    const { workers = 8, onError = () => undefined } = this.#init;
    await runWorkers(queue, (key) => this.#writeNow(key, signal), { workers, signal, onError });
  }

  async #writeNow(key: string, signal: AbortSignal): Promise<void> {
    const wanted = this.#wanted.get(key);
    if (!wanted) return;
    const patch = strategicDiff(this.#observed(key, wanted.object), wanted.status, this.#init);
    if (patch) await this.#patch(key, wanted.object, patch, signal);
    if (this.#wanted.get(key) === wanted) this.#settle(key);
  }

  async #patch(key: string, object: T, status: JsonObject, signal: AbortSignal): Promise<void> {
    const { client, resource } = this.#components;
    const body = { metadata: { uid: object.metadata.uid }, status };
    const options = { subresource: 'status', signal };
    try {
      const patch = { kind: 'strategic', body } as const;
      this.#written.set(key, await client.patch(resource, object.metadata, patch, options));
    } catch (error) {
      if (!isApiError(error, 'NotFound') && !isOtherObject(error)) throw error;
      this.#written.delete(key);
    }
  }

  /** The newer of what was read and what was written. */
  #observed(key: string, object: T): JsonObject {
    const written = this.#written.get(key);
    const newest = written && isNewer(written, object) ? written : object;
    return { ...this.#components.statusOf(newest) };
  }

  #settle(key: string): void {
    this.#wanted.delete(key);
    this.#waiting.get(key)?.resolve();
    this.#waiting.delete(key);
  }
}

/** Whether the name belongs to another object by now. */
function isOtherObject(error: unknown): boolean {
  return isApiError(error, 'Conflict') && error.message.includes('UID in precondition');
}

function isNewer(one: KubernetesObject, other: KubernetesObject): boolean {
  if (one.metadata.uid !== other.metadata.uid) return false;
  return versionOf(one) > versionOf(other);
}

/** Versions of one kind are numbers that grow; a local source may have none. */
function versionOf({ metadata }: KubernetesObject): bigint {
  const { resourceVersion = '' } = metadata;
  return /^\d+$/.test(resourceVersion) ? BigInt(resourceVersion) : -1n;
}
