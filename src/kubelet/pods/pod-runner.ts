import type { Store } from '../../krator/cache/store.ts';
import { ObjectMachines } from '../../krator/states/object-machines.ts';
import { keyOf } from '../../kubernetes/api/object.ts';
import { untilAborted } from '../../kubernetes/until-aborted.ts';
import type { Container } from '../provider.ts';
import type { PodComponents } from './pod-components.ts';
import type { PodContext } from './pod-context.ts';
import { PodMachine } from './pod-machine.ts';
import type { Pod } from './schema/pod.ts';

export interface PodRunnerComponents extends PodComponents {
  /** The pods to run, kept up to date by their source. */
  readonly store: Store<Pod, string>;
}

export interface PodRunnerInit {
  /**
   * Whether containers of an earlier life of this process are taken over, and those that belong
   * to no pod ended. @default true
   */
  readonly adopt?: boolean;
  /** Resolves once the store has all pods, so that what belongs to none is an orphan. */
  readonly synced?: Promise<void>;
  /** Hears of every state that a pod enters. */
  readonly onEnter?: (state: string, pod: Pod) => void;
}

/** Runs the pods of a store, each through its life, whatever their source. */
export class PodRunner {
  readonly #components: PodRunnerComponents;
  readonly #init: PodRunnerInit;
  #machines: ObjectMachines<Pod, PodContext> | undefined;

  constructor(components: PodRunnerComponents, init: PodRunnerInit = {}) {
    this.#components = components;
    this.#init = init;
  }

  /** What is known of the pod with this key (`namespace/name`), while it lives here. */
  context(key: string): PodContext | undefined {
    return this.#machines?.context(key);
  }

  /** What is known of all pods that live here. */
  contexts(): readonly PodContext[] {
    return this.#components.store.list().flatMap((pod) => this.context(keyOf(pod)) ?? []);
  }

  /**
   * Runs until the signal aborts. Containers go on then; a later life of this process takes them
   * over.
   */
  async run({ signal }: { readonly signal: AbortSignal }): Promise<void> {
    const { store, provider } = this.#components;
    const containers = this.#init.adopt === false ? [] : await provider.list({ signal });
    const found = Map.groupBy(containers, ({ config }) => config.pod.uid);
    const { onEnter } = this.#init;
    const definition = new PodMachine(this.#components, {
      found,
      signal,
      ...(onEnter && { onEnter }),
    });
    this.#machines = new ObjectMachines({ store, definition });
    await Promise.all([
      this.#machines.run({ signal }),
      endOrphans(containers, store, this.#init.synced ?? Promise.resolve(), signal),
    ]);
  }
}

/** Ends containers whose pods were deleted while nobody looked. */
async function endOrphans(
  containers: readonly Container[],
  store: Store<Pod, string>,
  synced: Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  if (containers.length === 0) return;
  await Promise.race([synced, untilAborted(signal)]);
  if (signal.aborted) return;
  const uids = new Set(store.list().map(({ metadata }) => metadata.uid));
  const orphans = containers.filter(({ config }) => !uids.has(config.pod.uid));
  await Promise.all(orphans.map((container) => end(container, signal)));
}

async function end(container: Container, signal: AbortSignal): Promise<void> {
  try {
    await container.stop(30, { signal });
    await container.remove();
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
