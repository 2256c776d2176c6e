import { Store } from '../../krator/cache/store.ts';
import { keyOf } from '../../kubernetes/api/object.ts';
import type { Pod } from '../pods/schema/pod.ts';
import { isMirror } from './static-annotations.ts';

export interface AllPodsInit {
  /**
   * Hears of a pod that is not run, as one of an earlier source has its name; again when it changes.
   *
   * @default nobody does
   */
  readonly onRefused?: (pod: Pod) => void;
}

/**
 * The pods that a node runs, from all of their sources together. Where several have a pod of one
 * name, that of the earliest source runs, and another in its place once it has gone. Mirrors are left
 * out: they are what the API server shows of pods that have another source.
 */
export class AllPods implements Disposable {
  readonly store = new Store<Pod, string>();
  readonly #sources: readonly Store<Pod, string>[];
  readonly #onRefused: ((pod: Pod) => void) | undefined;
  readonly #subscriptions: readonly Disposable[];

  constructor(sources: readonly Store<Pod, string>[], { onRefused }: AllPodsInit = {}) {
    this.#sources = sources;
    this.#onRefused = onRefused;
    this.#subscriptions = sources.map((source) => {
      for (const pod of source.list()) this.#follow(pod);
      return source.subscribe(({ object }) => this.#follow(object));
    });
  }

  [Symbol.dispose](): void {
    for (const subscription of this.#subscriptions) subscription[Symbol.dispose]();
  }

  /** @param changed a pod as it is now, or was before it went */
  #follow(changed: Pod): void {
    const key = keyOf(changed);
    const before = this.store.get(key);
    const [wanted, ...refused] = this.#sources.flatMap((source) => {
      const pod = source.get(key);
      return pod === undefined || isMirror(pod) ? [] : [pod];
    });
    if (wanted === undefined) this.#remove(key, changed);
    else if (wanted !== before) this.store.put(wanted);
    for (const pod of refused) {
      if (pod === changed || pod.metadata.uid === before?.metadata.uid) this.#onRefused?.(pod);
    }
  }

  #remove(key: string, last: Pod): void {
    const isSame = this.store.get(key)?.metadata.uid === last.metadata.uid;
    this.store.remove(key, isSame ? last : undefined);
  }
}
