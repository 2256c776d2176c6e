import { Store } from '../../krator/cache/store.ts';
import type { NodeLog } from '../../kubelet/node/node-log.ts';
import type { Pod } from '../../kubelet/pods/schema/pod.ts';
import { StaticPodSource } from '../../kubelet/static-pods/static-pod-source.ts';

/** The static pods of a folder, with the store that they are kept in. */
export class StaticPods {
  readonly store = new Store<Pod, string>();
  readonly #source: StaticPodSource;

  constructor(
    components: { readonly log: NodeLog },
    init: { readonly path: string; readonly nodeName: string },
  ) {
    this.#source = new StaticPodSource({ ...components, store: this.store }, init);
  }

  /** Resolves once the store has the pods that were there at the start. */
  get synced(): Promise<void> {
    return this.#source.synced;
  }

  /** Follows the folder until the signal aborts. */
  async run(options: { readonly signal: AbortSignal }): Promise<void> {
    await this.#source.run(options);
  }
}
