import type { AbortOptions } from '../abort-options.ts';
import { type Clock, systemClock } from '../clock.ts';
import type { AnswerBody, ApiConnection } from '../connection/api-connection.ts';
import type { ApiRequest } from '../connection/api-request.ts';
import { isObject } from '../is-object.ts';
import { ApiError, isApiError } from './api-error.ts';
import type { KubernetesObject, ObjectList, ObjectReference } from './object.ts';
import { type Patch, patchMediaTypes } from './patch.ts';
import { type Resource, resourcePath } from './resource.ts';
import { RightOfWay } from './right-of-way.ts';
import type { WatchEvent } from './watch-event.ts';
import { type OnUnreadable, readWatchEvents } from './watch-stream.ts';

/** What `ApiClient` needs. */
export interface ApiClientComponents {
  readonly connection: ApiConnection;
  /** @default the machine's clock */
  readonly clock?: Clock;
}

/** All optional. */
export interface ApiClientInit {
  /** Tries after a refusal that says when to come again (429, 503). @default 5 */
  readonly maxRetries?: number;
  /** Recorded with the fields that this program writes. @default 'krustlet' */
  readonly fieldManager?: string;
}

/** Which objects of a kind are meant; all of all namespaces where nothing is said. */
export interface Selection {
  readonly namespace?: string | undefined;
  readonly fieldSelector?: string | undefined;
  readonly labelSelector?: string | undefined;
}

/** How a request is made. */
export interface RequestOptions extends AbortOptions {
  /**
   * For a request that nobody waits for: how long it may wait itself until no others are on their
   * way, in milliseconds. @default somebody waits
   */
  readonly patience?: number | undefined;
}

/** A part of an object with an endpoint of its own. */
export interface SubresourceOptions extends RequestOptions {
  readonly subresource?: string | undefined;
}

/** How an object is deleted. */
export interface DeleteOptions extends AbortOptions {
  /** @default what the object's kind says */
  readonly gracePeriodSeconds?: number | undefined;
  /** Fails with `Conflict` where the object has another one. */
  readonly uid?: string | undefined;
  readonly propagationPolicy?: 'Orphan' | 'Background' | 'Foreground' | undefined;
}

/** How a collection is listed. */
export interface ListOptions extends AbortOptions {
  /**
   * Hears of an object that its parser refuses, which is then left out, so that one object that
   * this program does not understand does not hide the others. @default the request fails
   */
  readonly onUnreadable?: OnUnreadable | undefined;
}

/** How a collection is watched. */
export interface WatchOptions extends ListOptions {
  /** Seconds after which the server ends the watch. @default between 300 and 600 by chance */
  readonly timeoutSeconds?: number;
  /** Longest silence in ms: the server sends a bookmark every minute. @default 150_000 */
  readonly idleTimeout?: number;
}

/** Typed requests to an API server. Every method throws an `ApiError` where the server refuses. */
export class ApiClient {
  readonly #connection: ApiConnection;
  readonly #clock: Clock;
  readonly #maxRetries: number;
  readonly #fieldManager: string;
  readonly #rightOfWay: RightOfWay;

  constructor({ connection, clock }: ApiClientComponents, init: ApiClientInit = {}) {
    this.#connection = connection;
    this.#clock = clock ?? systemClock;
    this.#maxRetries = init.maxRetries ?? 5;
    this.#fieldManager = init.fieldManager ?? 'krustlet';
    this.#rightOfWay = new RightOfWay({ clock: this.#clock });
  }

  /** Gets one object. */
  async get<T extends KubernetesObject>(
    resource: Resource<T>,
    place: ObjectReference,
    options: AbortOptions = {},
  ): Promise<T> {
    const request = { method: 'GET', path: resourcePath(resource, place) } as const;
    return resource.parse(await this.request(request, options));
  }

  /** Gets all objects that are selected, at one version of the collection. */
  async list<T extends KubernetesObject>(
    resource: Resource<T>,
    { namespace, ...query }: Selection = {},
    { onUnreadable, signal }: ListOptions = {},
  ): Promise<ObjectList<T>> {
    const path = resourcePath(resource, { namespace });
    const answer = await this.request({ method: 'GET', path, query }, { signal });
    return parseList(resource, answer, onUnreadable);
  }

  /** Creates the object and gives it as it was stored. */
  async create<T extends KubernetesObject>(
    resource: Resource<T>,
    object: T,
    options: RequestOptions = {},
  ): Promise<T> {
    const { namespace } = object.metadata;
    const body = { apiVersion: resource.apiVersion, kind: resource.kind, ...object };
    const path = resourcePath(resource, { namespace });
    return resource.parse(await this.#write({ method: 'POST', path, body }, options));
  }

  /** Replaces the object; fails with `Conflict` where its `resourceVersion` is not the newest. */
  async replace<T extends KubernetesObject>(
    resource: Resource<T>,
    object: T,
    { subresource, ...options }: SubresourceOptions = {},
  ): Promise<T> {
    const body = { apiVersion: resource.apiVersion, kind: resource.kind, ...object };
    const path = resourcePath(resource, object.metadata, subresource);
    return resource.parse(await this.#write({ method: 'PUT', path, body }, options));
  }

  /** Changes the object and gives the result. */
  async patch<T extends KubernetesObject>(
    resource: Resource<T>,
    place: ObjectReference,
    patch: Patch,
    { subresource, ...options }: SubresourceOptions = {},
  ): Promise<T> {
    const request: ApiRequest = {
      method: 'PATCH',
      path: resourcePath(resource, place, subresource),
      query: { force: patch.kind === 'apply' ? patch.force : undefined },
      contentType: patchMediaTypes[patch.kind],
      body: patch.body,
    };
    return resource.parse(await this.#write(request, options));
  }

  /** Asks for the object's deletion; it may be there until its finalizers or grace have passed. */
  async delete(
    resource: Resource<KubernetesObject>,
    place: ObjectReference,
    { gracePeriodSeconds, uid, propagationPolicy, signal }: DeleteOptions = {},
  ): Promise<void> {
    const preconditions = uid === undefined ? undefined : { uid };
    const request: ApiRequest = {
      method: 'DELETE',
      path: resourcePath(resource, place),
      body: { gracePeriodSeconds, preconditions, propagationPolicy },
    };
    await this.request(request, { signal });
  }

  /** Posts to a subresource, such as a ServiceAccount's `token`, and gives the answer. */
  async createSubresource(
    resource: Resource<KubernetesObject>,
    place: ObjectReference,
    subresource: string,
    body: object,
    options: AbortOptions = {},
  ): Promise<unknown> {
    const path = resourcePath(resource, place, subresource);
    return this.#write({ method: 'POST', path, body }, options);
  }

  /**
   * Yields what happens to the selected objects after the version, until the server ends the watch
   * (which it does every few minutes). Throws `Expired` where the version is too old to go on from.
   */
  async *watch<T extends KubernetesObject>(
    resource: Resource<T>,
    { namespace, ...selectors }: Selection,
    resourceVersion: string,
    options: WatchOptions = {},
  ): AsyncGenerator<WatchEvent<T>> {
    const { timeoutSeconds = randomTimeout(), idleTimeout = 150_000, signal } = options;
    const query = { watch: true, allowWatchBookmarks: true, resourceVersion, timeoutSeconds };
    const path = resourcePath(resource, { namespace });
    const request = {
      method: 'GET',
      path,
      query: { ...query, ...selectors },
      idleTimeout,
    } as const;
    const body = await this.#send(request, { signal });
    try {
      yield* readWatchEvents(resource, body, options.onUnreadable);
    } catch (cause) {
      signal?.throwIfAborted();
      if (isApiError(cause)) throw cause;
      throw new ApiError('Unreachable', `Watch ${resource.plural}: broken off`, { cause });
    } finally {
      body.destroy();
    }
  }

  /** Sends any request and gives the JSON of the answer. */
  async request(request: ApiRequest, options: RequestOptions = {}): Promise<unknown> {
    const body = await this.#send(request, options);
    try {
      return await body.json();
    } catch (cause) {
      options.signal?.throwIfAborted();
      const message = `${request.method} ${request.path}: the answer is cut off or no JSON`;
      throw new ApiError('InvalidResponse', message, { cause });
    }
  }

  #write(request: ApiRequest, options: RequestOptions): Promise<unknown> {
    const query = { fieldManager: this.#fieldManager, ...request.query };
    return this.request({ ...request, query }, options);
  }

  /** Comes again where the server asks for that. */
  async #send(request: ApiRequest, { signal, patience }: RequestOptions): Promise<AnswerBody> {
    const send = () => this.#connection.send(request, { signal });
    for (let retries = 0; ; retries += 1) {
      try {
        if (patience === undefined) return await this.#rightOfWay.take(send);
        return await this.#rightOfWay.give(send, patience, { signal });
      } catch (error) {
        const seconds = isApiError(error) ? error.retryAfterSeconds : undefined;
        if (seconds === undefined || retries >= this.#maxRetries) throw error;
        await this.#clock.sleep(seconds * 1000, { signal });
      }
    }
  }
}

function parseList<T extends KubernetesObject>(
  resource: Resource<T>,
  value: unknown,
  onUnreadable: OnUnreadable | undefined,
): ObjectList<T> {
  if (isObject(value) && isObject(value.metadata) && Array.isArray(value.items)) {
    const items = value.items.flatMap((item) => parseItem(resource, item, onUnreadable));
    return { items, resourceVersion: String(value.metadata.resourceVersion ?? '') };
  }
  throw new ApiError('InvalidResponse', `Cannot read a list of ${resource.plural}`);
}

/** One item, to which a list does not add its kind; none where it is left out. */
function parseItem<T extends KubernetesObject>(
  resource: Resource<T>,
  item: object,
  onUnreadable: OnUnreadable | undefined,
): readonly T[] {
  const { apiVersion, kind } = resource;
  try {
    return [resource.parse({ apiVersion, kind, ...item })];
  } catch (error) {
    if (!onUnreadable) throw error;
    onUnreadable(error, item);
    return [];
  }
}

/** Watches that began together shall not all end together. */
function randomTimeout(): number {
  return 300 + Math.floor(Math.random() * 300);
}
