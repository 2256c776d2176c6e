import type { Store } from '../../krator/cache/store.ts';
import { ObjectMachines } from '../../krator/states/object-machines.ts';
import { keyOf } from '../../kubernetes/api/object.ts';
import { untilAborted } from '../../kubernetes/until-aborted.ts';
import type { Container } from '../provider.ts';
import { endOrphans } from './end-orphans.ts';
import { HostPortConnections } from './host-port-connections.ts';
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
  readonly #orphansEnded = Promise.withResolvers<void>();
  #machines: ObjectMachines<Pod, PodContext> | undefined;

  constructor(components: PodRunnerComponents, init: PodRunnerInit = {}) {
    this.#components = components;
    this.#init = init;
  }

  /** Whether what an earlier life of this process left is known, so that pods are run. */
  get isRunning(): boolean {
    return this.#machines !== undefined;
  }

  /** Resolves once nothing runs any more of pods that went while nobody looked. */
  get orphansEnded(): Promise<void> {
    return this.#orphansEnded.promise;
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
    const { store, provider, network } = this.#components;
    const containers = this.#init.adopt === false ? [] : await provider.list({ signal });
    const found = Map.groupBy(containers, ({ config }) => config.pod.uid);
    for (const { config, exit } of containers) {
      if (exit === undefined) network.reserve(config.pod.uid, config.podIPs, true);
    }
    const { onEnter } = this.#init;
    const definition = new PodMachine(this.#components, {
      found,
      hostPortConnections: await HostPortConnections.ofProcess(),
      signal,
      ...(onEnter && { onEnter }),
    });
    this.#machines = new ObjectMachines({ store, definition });
    const ending = this.#endOrphans(containers, signal).then(() => {
      if (!signal.aborted) this.#orphansEnded.resolve();
    });
    await Promise.all([this.#machines.run({ signal }), ending]);
  }

  async #endOrphans(found: readonly Container[], signal: AbortSignal): Promise<void> {
    if (found.length === 0) return;
    await Promise.race([this.#init.synced, untilAborted(signal)]);
    if (signal.aborted) return;
    const uids = new Set(this.#components.store.list().map(({ metadata }) => metadata.uid));
    const orphans = found.filter(({ config }) => !uids.has(config.pod.uid));
    await endOrphans(orphans, this.#components, signal);
  }
}
