import { setTimeout as sleep } from 'node:timers/promises';
import { ApiListWatch } from '../../src/krator/cache/api-list-watch.ts';
import { Reflector } from '../../src/krator/cache/reflector.ts';
import { Store, type StoreChange } from '../../src/krator/cache/store.ts';
import type { ApiClient } from '../../src/kubernetes/api/api-client.ts';
import { type PlainPod, plainPods } from './plain-pod.ts';

/** No pod takes that long; in milliseconds. */
const patience = 120_000;

/** When something was first seen, in milliseconds of `performance.now()`. */
type Sighting = PromiseWithResolvers<number>;

/** Sees what becomes of a namespace's pods, and when. */
export class PodWatch implements AsyncDisposable {
  readonly #running = new Map<string, Sighting>();
  readonly #gone = new Map<string, Sighting>();
  readonly #stop = new AbortController();
  readonly #reflector: Reflector<PlainPod>;
  #reflecting: Promise<void> = Promise.resolve();

  /** Resolves when the watch has begun. */
  static async start(client: ApiClient, namespace: string): Promise<PodWatch> {
    const watch = new PodWatch(client, namespace);
    watch.#reflecting = watch.#reflector.run(watch.#stop);
    await watch.#reflector.synced;
    return watch;
  }

  constructor(client: ApiClient, namespace: string) {
    const store = new Store<PlainPod>();
    store.subscribe((change) => this.#take(change));
    const source = new ApiListWatch({ client, resource: plainPods }, { namespace });
    this.#reflector = new Reflector({ source, store });
  }

  /** When the pod was first seen as Running. */
  running(name: string): Promise<number> {
    return withinPatience(sightingOf(this.#running, name), `${name} runs`);
  }

  /** When the pod was seen to be gone. */
  gone(name: string): Promise<number> {
    return withinPatience(sightingOf(this.#gone, name), `${name} is gone`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#reflecting;
  }

  #take({ kind, object }: StoreChange<PlainPod>): void {
    const { name } = object.metadata;
    const now = performance.now();
    if (object.status?.phase === 'Running') sightingOf(this.#running, name).resolve(now);
    if (kind === 'removed') sightingOf(this.#gone, name).resolve(now);
  }
}

function sightingOf(sightings: Map<string, Sighting>, name: string): Sighting {
  const sighting = sightings.get(name) ?? Promise.withResolvers<number>();
  sightings.set(name, sighting);
  return sighting;
}

async function withinPatience({ promise }: Sighting, what: string): Promise<number> {
  const over = new AbortController();
  const late = sleep(patience, undefined, over).then(() => {
    throw new Error(`waiting until ${what} took more than ${patience} ms`);
  });
  late.catch(() => {}); // the other one won
  try {
    return await Promise.race([promise, late]);
  } finally {
    over.abort();
  }
}
