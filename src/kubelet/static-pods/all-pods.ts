import { Store, type StoreChange } from '../../krator/cache/store.ts';
import { keyOf } from '../../kubernetes/api/object.ts';
import type { Pod } from '../pods/schema/pod.ts';
import { isMirror } from './static-annotations.ts';

/**
 * The pods that a node runs, from all of their sources together. Mirrors are left out: they are
 * what the API server shows of pods that have another source.
 */
export class AllPods implements Disposable {
  readonly store = new Store<Pod, string>();
  readonly #subscriptions: readonly Disposable[];

  constructor(sources: readonly Store<Pod, string>[]) {
    this.#subscriptions = sources.map((source) => {
      for (const pod of source.list()) this.#apply({ kind: 'added', object: pod });
      return source.subscribe((change) => this.#apply(change));
    });
  }

  [Symbol.dispose](): void {
    for (const subscription of this.#subscriptions) subscription[Symbol.dispose]();
  }

  #apply({ kind, object }: StoreChange<Pod>): void {
    if (isMirror(object)) return;
    if (kind !== 'removed') this.store.put(object);
    else if (this.store.get(keyOf(object))?.metadata.uid === object.metadata.uid) {
      this.store.remove(keyOf(object), object);
    }
  }
}
