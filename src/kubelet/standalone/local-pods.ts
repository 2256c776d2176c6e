import { isDeepStrictEqual } from 'node:util';
import type { Store } from '../../krator/cache/store.ts';
import { keyOf } from '../../kubernetes/api/object.ts';
import type { PodClient } from '../pods/pod-ports.ts';
import type { Pod } from '../pods/schema/pod.ts';
import type { PodStatus } from '../pods/schema/pod-status.ts';

/** Pods that live in this process: their statuses are kept in the store they come from. */
export class LocalPods implements PodClient {
  readonly #store: Store<Pod, string>;
  readonly #onStatus: (pod: Pod) => void;

  /** @param onStatus hears of every status, with the pod that has it */
  constructor(store: Store<Pod, string>, onStatus: (pod: Pod) => void = () => undefined) {
    this.#store = store;
    this.#onStatus = onStatus;
  }

  async writeStatus(pod: Pod, status: PodStatus): Promise<void> {
    const current = this.#current(pod);
    if (current === undefined || isDeepStrictEqual(current.status, status)) return;
    const updated = { ...current, status };
    this.#store.put(updated);
    this.#onStatus(updated);
  }

  async delete(pod: Pod): Promise<void> {
    if (this.#current(pod) !== undefined) this.#store.remove(keyOf(pod));
  }

  /** The newest version of this very pod; another one may have its name by now. */
  #current(pod: Pod): Pod | undefined {
    const current = this.#store.get(keyOf(pod));
    return current?.metadata.uid === pod.metadata.uid ? current : undefined;
  }
}
