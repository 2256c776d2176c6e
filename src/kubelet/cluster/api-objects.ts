import { setTimeout as sleep } from 'node:timers/promises';
import type { AbortOptions } from '../../kubernetes/abort-options.ts';
import type { ApiClient } from '../../kubernetes/api/api-client.ts';
import { ApiError, isApiError } from '../../kubernetes/api/api-error.ts';
import type { KubernetesObject } from '../../kubernetes/api/object.ts';
import type { Resource } from '../../kubernetes/api/resource.ts';
import { isObject } from '../../kubernetes/is-object.ts';
import type {
  NamespacedName,
  ObjectReader,
  ServiceAccountToken,
  TokenRequest,
} from '../object-reader.ts';
import type { ConfigMap, Secret } from '../pods/schema/config-objects.ts';
import type { Pod } from '../pods/schema/pod.ts';
import { configMaps, secrets, serviceAccounts } from './core-resources.ts';
import { WatchedObject } from './watched-object.ts';

/** What `ApiObjects` needs. */
export interface ApiObjectsComponents {
  readonly client: ApiClient;
  /** Hears why an object cannot be watched; it is tried again. */
  readonly onError: (error: unknown) => void;
}

/**
 * ConfigMaps, Secrets and tokens from an API server. Objects that somebody wants to hear of are
 * watched and read from memory; others are fetched when they are read.
 */
export class ApiObjects implements ObjectReader {
  readonly #client: ApiClient;
  readonly #configMaps: ObjectCache<ConfigMap>;
  readonly #secrets: ObjectCache<Secret>;

  constructor({ client, onError }: ApiObjectsComponents) {
    this.#client = client;
    this.#configMaps = new ObjectCache(client, configMaps, onError);
    this.#secrets = new ObjectCache(client, secrets, onError);
  }

  configMap(reference: NamespacedName, options?: AbortOptions): Promise<ConfigMap | undefined> {
    return this.#configMaps.read(reference, options);
  }

  secret(reference: NamespacedName, options?: AbortOptions): Promise<Secret | undefined> {
    return this.#secrets.read(reference, options);
  }

  async serviceAccountToken(
    { metadata: { namespace, name, uid }, spec: { serviceAccountName = 'default' } }: Pod,
    { audience, expirationSeconds }: TokenRequest,
    options: AbortOptions = {},
  ): Promise<ServiceAccountToken> {
    const place = { namespace, name: serviceAccountName };
    const request = {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: {
        audiences: audience === '' ? [] : [audience],
        expirationSeconds,
        // The token dies with the pod.
        boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name, uid },
      },
    };
    const ask = () =>
      this.#client.createSubresource(serviceAccounts, place, 'token', request, options);
    return parseToken(await onceBound(ask, options));
  }

  onChange(
    kind: 'ConfigMap' | 'Secret',
    reference: NamespacedName,
    listener: () => void,
  ): Disposable {
    const cache = kind === 'ConfigMap' ? this.#configMaps : this.#secrets;
    return cache.subscribe(reference, listener);
  }
}

/** Milliseconds between the tries: the server learns of it by a watch of its own. */
const pauses = [10, 20, 50, 100, 200];

/**
 * Asks again where the server does not know yet that the pod is bound to this node, which this node
 * may have heard first.
 */
async function onceBound<T>(ask: () => Promise<T>, { signal }: AbortOptions): Promise<T> {
  for (const pause of pauses) {
    try {
      return await ask();
    } catch (error) {
      const isEarly = isApiError(error, 'Forbidden') && error.message.endsWith(boundElsewhere);
      if (!isEarly) throw error;
      await sleep(pause, undefined, signal && { signal });
    }
  }
  return await ask();
}

/** What the admission plugin NodeRestriction says then. */
const boundElsewhere = 'bound to a pod scheduled on a different node';

/** Objects of one kind, each watched while somebody listens to it. */
class ObjectCache<T extends KubernetesObject> {
  readonly #client: ApiClient;
  readonly #resource: Resource<T>;
  readonly #onError: (error: unknown) => void;
  readonly #watched = new Map<string, WatchedObject<T>>();

  constructor(client: ApiClient, resource: Resource<T>, onError: (error: unknown) => void) {
    this.#client = client;
    this.#resource = resource;
    this.#onError = onError;
  }

  async read(reference: NamespacedName, options: AbortOptions = {}): Promise<T | undefined> {
    const watched = this.#watched.get(keyOf(reference))?.current;
    if (watched) return watched.object;
    try {
      return await this.#client.get(this.#resource, reference, options);
    } catch (error) {
      if (isApiError(error, 'NotFound')) return undefined;
      throw error;
    }
  }

  subscribe(reference: NamespacedName, listener: () => void): Disposable {
    const key = keyOf(reference);
    const watched = this.#watched.get(key) ?? this.#watch(reference);
    this.#watched.set(key, watched);
    const subscription = watched.subscribe(listener);
    return {
      [Symbol.dispose]: () => {
        subscription[Symbol.dispose]();
        if (watched.listeners === 0) this.#watched.delete(key);
      },
    };
  }

  #watch(reference: NamespacedName): WatchedObject<T> {
    const components = { client: this.#client, resource: this.#resource, onError: this.#onError };
    return new WatchedObject(components, reference);
  }
}

function keyOf({ namespace, name }: NamespacedName): string {
  return `${namespace}/${name}`;
}

function parseToken(answer: unknown): ServiceAccountToken {
  if (isObject(answer) && isObject(answer.status) && isObject(answer.spec)) {
    const { token } = answer.status;
    // What was granted, which may be more or less than what was asked for.
    const { expirationSeconds: lifeSeconds } = answer.spec;
    if (typeof token === 'string' && typeof lifeSeconds === 'number') return { token, lifeSeconds };
  }
  throw new ApiError(
    'InvalidResponse',
    'Cannot read a TokenRequest: status.token or spec.expirationSeconds is missing',
  );
}
