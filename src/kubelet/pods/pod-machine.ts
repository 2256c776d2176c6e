import type { Manifest } from '../../krator/states/manifest.ts';
import type { MachineDefinition } from '../../krator/states/object-machines.ts';
import type { State } from '../../krator/states/state.ts';
import type { Container } from '../provider.ts';
import type { HostPortConnections } from './host-port-connections.ts';
import type { PodComponents } from './pod-components.ts';
import { PodContext } from './pod-context.ts';
import type { Pod } from './schema/pod.ts';
import { Failed } from './states/failed.ts';
import { FailedSync } from './states/failed-sync.ts';
import { Registered } from './states/registered.ts';
import { Terminating } from './states/terminating.ts';

export interface PodMachineInit {
  /** Containers that an earlier life of this process started, by the uid of their pod. */
  readonly found?: ReadonlyMap<string, readonly Container[]>;
  /** Hears of every state that a pod enters. */
  readonly onEnter?: (state: string, pod: Pod) => void;
  /** What their `hostPort`s may have together. */
  readonly hostPortConnections: HostPortConnections;
  /** Aborts when this process stops looking after pods. */
  readonly signal: AbortSignal;
}

/** The life of a pod, from when it is known to when nothing of it is left. */
export class PodMachine implements MachineDefinition<Pod, PodContext> {
  readonly #components: PodComponents;
  readonly #init: PodMachineInit;

  constructor(components: PodComponents, init: PodMachineInit) {
    this.#components = components;
    this.#init = init;
  }

  createContext(manifest: Manifest<Pod>): PodContext {
    const found = this.#init.found?.get(manifest.current.metadata.uid) ?? [];
    const { hostPortConnections } = this.#init;
    const context = new PodContext(this.#components, manifest, { found, hostPortConnections });
    context.restore();
    context.open(this.#init.signal);
    return context;
  }

  initial(): State<PodContext> {
    return new Registered();
  }

  terminating(): State<PodContext> {
    return new Terminating();
  }

  /** A pod that failed as a whole interrupts its state; whatever else goes wrong is tried again. */
  onError(error: unknown, state: State<PodContext>, context: PodContext): State<PodContext> {
    const hasFailed = context.failure !== undefined && !context.isTerminal;
    return hasFailed ? new Failed() : new FailedSync(error, state);
  }

  onEnter(state: State<PodContext>, context: PodContext): void {
    this.#init.onEnter?.(state.name, context.manifest.current);
  }
}
