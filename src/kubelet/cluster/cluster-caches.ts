import { ApiListWatch } from '../../krator/cache/api-list-watch.ts';
import { Reflector } from '../../krator/cache/reflector.ts';
import { Store } from '../../krator/cache/store.ts';
import type { AbortOptions } from '../../kubernetes/abort-options.ts';
import type { ApiClient } from '../../kubernetes/api/api-client.ts';
import { messageOf } from '../../kubernetes/message-of.ts';
import { abortable } from '../abortable.ts';
import type { NodeLog } from '../node/node-log.ts';
import type { Pod } from '../pods/schema/pod.ts';
import {
  pods,
  type RuntimeClass,
  runtimeClasses,
  type Service,
  services,
} from './core-resources.ts';

/** What `ClusterCaches` needs. */
export interface ClusterCachesComponents {
  readonly client: ApiClient;
  readonly log: NodeLog;
  readonly nodeName: string;
  /** Hears of a pod that this node does not understand, as the API server has it. */
  readonly onUnreadablePod: (object: unknown, problem: string) => void;
}

/** What a node keeps in memory of its cluster: its own pods, the Services, the RuntimeClasses. */
export class ClusterCaches {
  readonly pods = new Store<Pod, string>();
  readonly services = new Store<Service, 'namespace'>({
    indexers: { namespace: ({ metadata: { namespace = '' } }) => [namespace] },
  });
  readonly runtimeClasses = new Store<RuntimeClass>();
  readonly #podReflector: Reflector<Pod>;
  readonly #serviceReflector: Reflector<Service>;
  readonly #runtimeClassReflector: Reflector<RuntimeClass>;

  constructor({ client, log, nodeName, onUnreadablePod }: ClusterCachesComponents) {
    const init = (what: string) => ({
      onError: (error: unknown) => log.warn(`Cannot follow ${what}: ${messageOf(error)}`),
    });
    // The Node authorizer lets a node see its own pods only.
    const own = {
      fieldSelector: `spec.nodeName=${nodeName}`,
      onUnreadable: (error: unknown, object: unknown) => {
        onUnreadablePod(object, messageOf(error));
      },
    };
    this.#podReflector = new Reflector(
      { source: new ApiListWatch({ client, resource: pods }, own), store: this.pods },
      init('pods'),
    );
    this.#serviceReflector = new Reflector(
      { source: new ApiListWatch({ client, resource: services }), store: this.services },
      init('Services'),
    );
    this.#runtimeClassReflector = new Reflector(
      {
        source: new ApiListWatch({ client, resource: runtimeClasses }),
        store: this.runtimeClasses,
      },
      init('RuntimeClasses'),
    );
  }

  /** Resolves once all pods of the node are known. */
  get podsSynced(): Promise<void> {
    return this.#podReflector.synced;
  }

  /** Resolves once all Services are known. */
  get servicesSynced(): Promise<void> {
    return this.#serviceReflector.synced;
  }

  /** The handler of a RuntimeClass; `undefined` where there is no such class. */
  async handlerOf(
    runtimeClassName: string,
    { signal }: AbortOptions = {},
  ): Promise<string | undefined> {
    await abortable(this.#runtimeClassReflector.synced, signal);
    return this.runtimeClasses.get(runtimeClassName)?.handler;
  }

  /** Follows the cluster until the signal aborts. */
  async run(options: { readonly signal: AbortSignal }): Promise<void> {
    const reflectors = [this.#podReflector, this.#serviceReflector, this.#runtimeClassReflector];
    await Promise.all(reflectors.map((reflector) => reflector.run(options)));
  }
}
