import type { Manifest } from '../../krator/states/manifest.ts';
import { messageOf } from '../../kubernetes/message-of.ts';
import { ContainerLife } from '../containers/container-life.ts';
import type { Container } from '../provider.ts';
import { PodVolumes } from '../volumes/pod-volumes.ts';
import type { HostPortConnections } from './host-port-connections.ts';
import type { HostPorts } from './host-ports.ts';
import type { PodComponents } from './pod-components.ts';
import type { Pod } from './schema/pod.ts';
import { isEnd, type PodStatus } from './schema/pod-status.ts';
import { computeStatus } from './status/compute-status.ts';
import type { PodFailure, PodObservation } from './status/observation.ts';
import { StatusReporter } from './status-reporter.ts';

export interface PodContextInit {
  /** Containers of this pod that an earlier life of this process started. */
  readonly found: readonly Container[];
  /** What the `hostPort`s of all pods may have together. */
  readonly hostPortConnections: HostPortConnections;
}

/** All that the states of one pod share, and all that is observed of it. */
export class PodContext {
  readonly components: PodComponents;
  readonly manifest: Manifest<Pod>;
  readonly volumes: PodVolumes;
  readonly status: StatusReporter;
  /** By name, in the order of the spec: init containers first. */
  readonly containers: ReadonlyMap<string, ContainerLife>;
  /** Containers of this pod that an earlier life of this process started. */
  readonly found: readonly Container[];
  /** Empty until the pod has its addresses. */
  podIPs: readonly string[] = [];
  /** The handler of the pod's RuntimeClass. */
  runtimeHandler = '';
  /** What the `hostPort`s of all pods may have together. */
  readonly hostPortConnections: HostPortConnections;
  /** Ports of the node that lead to this pod. */
  hostPorts: HostPorts | undefined;
  /** What runs beside the states, to be waited for at the end. */
  readonly #beside: Promise<unknown>[] = [];
  readonly #over = new AbortController();
  #working: { readonly of: AbortSignal; readonly combined: AbortSignal } | undefined;
  readonly #closing = new AbortController();
  #writing: Promise<unknown> = Promise.resolve();
  #startTime: string | undefined;
  #isReadyToStartContainers: boolean;
  #isTerminal = false;
  #isRestoring = false;
  #failure: PodFailure | undefined;

  constructor(components: PodComponents, manifest: Manifest<Pod>, init: PodContextInit) {
    const { found } = init;
    this.components = components;
    this.manifest = manifest;
    this.found = found;
    this.hostPortConnections = init.hostPortConnections;
    this.#isReadyToStartContainers = found.some(({ exit }) => exit === undefined);
    this.volumes = new PodVolumes({ ...components, manifest });
    const { initContainers, containers } = manifest.current.spec;
    this.containers = new Map(
      [...initContainers, ...containers].map(({ name }) => [name, new ContainerLife(this, name)]),
    );
    this.#startTime = manifest.current.status.startTime;
    this.podIPs = manifest.current.status.podIPs.map(({ ip }) => ip);
    this.status = new StatusReporter(
      {
        compute: (previous) =>
          computeStatus(manifest.current, this.observation, previous, this.#now()),
        write: (status, signal) => this.#write(status, signal),
        clock: components.clock,
      },
      manifest.current.status,
    );
  }

  get observation(): PodObservation {
    return {
      ...(this.#startTime === undefined ? {} : { startTime: this.#startTime }),
      hostIPs: this.components.node.hostIPs,
      podIPs: this.podIPs,
      isReadyToStartContainers: this.#isReadyToStartContainers,
      ...(this.#failure === undefined ? {} : { failure: this.#failure }),
      isTerminal: this.#isTerminal,
      isStarting: [...this.containers.values()].some(({ starting }) => starting !== undefined),
      containers: new Map(
        [...this.containers].map(([name, { record }]) => [name, record.observation]),
      ),
    };
  }

  /** Why the pod failed as a whole, if it did. */
  get failure(): PodFailure | undefined {
    return this.#failure;
  }

  /** Whether no container is to be started any more. */
  get isTerminal(): boolean {
    return this.#isTerminal;
  }

  /** When this node took the pod on, in milliseconds since the epoch. */
  get startedAt(): number {
    return Date.parse(this.#startTime ?? this.#now());
  }

  /** Takes over what ran before this process did, and what was last reported. */
  restore(): void {
    const { status } = this.manifest.current;
    const reported = [...status.initContainerStatuses, ...status.containerStatuses];
    // A status computed from a part of what was found would make conditions change and change back.
    this.#isRestoring = true;
    for (const [name, life] of this.containers) {
      const own = this.found.filter(({ config }) => config.name === name);
      const last = reported.find((item) => item.name === name);
      life.restore(own, last);
    }
    this.#isRestoring = false;
    this.#claim();
    if (reported.length > 0 || this.found.length > 0) this.status.changed();
  }

  /** What the pod had before this process started: its containers' addresses, else those reported. */
  get knownAddresses(): readonly string[] {
    const [running] = this.found.filter(({ exit }) => exit === undefined);
    return running?.config.podIPs ?? this.manifest.current.status.podIPs.map(({ ip }) => ip);
  }

  /** Something changed that the status is computed from. */
  changed(): void {
    if (!this.#isRestoring) this.status.changed();
  }

  /** A state's signal that also aborts when the pod fails as a whole or is done; all states have the same. */
  working(signal: AbortSignal): AbortSignal {
    if (this.#working?.of !== signal) {
      this.#working = { of: signal, combined: AbortSignal.any([signal, this.#over.signal]) };
    }
    return this.#working.combined;
  }

  /** This node takes the pod on. */
  begin(): void {
    this.#startTime ??= this.#now();
    this.status.changed();
  }

  /** Addresses and volumes are there, or are no more. */
  setReadyToStartContainers(isReady: boolean): void {
    this.#isReadyToStartContainers = isReady;
    this.status.changed();
  }

  /** The pod fails as a whole, whatever its containers do; the first reason counts. */
  fail(failure: PodFailure): void {
    this.#failure ??= failure;
    this.#over.abort();
    this.status.changed();
  }

  /** No container is started any more, not even one that waits for it. */
  finish(): void {
    this.#isTerminal = true;
    this.#over.abort();
    this.status.changed();
  }

  /** Runs a container beside the states; resolves when it is done for good. */
  run(life: ContainerLife, signal: AbortSignal): Promise<void> {
    const run = life.run(signal);
    this.runBeside(run);
    return run;
  }

  /** Lets something go on beside the states, which is waited for at the end; that it fails is told. */
  runBeside(work: Promise<unknown>): void {
    const tell = (error: unknown) => this.event('Warning', 'FailedSync', messageOf(error));
    this.#beside.push(work.catch(tell));
  }

  /** Resolves when nothing runs beside the states any more. */
  async settled(): Promise<void> {
    await Promise.all(this.#beside.splice(0));
  }

  /** Writes statuses, and computes them anew when the pod changes, until closed. */
  open(signal: AbortSignal): void {
    const inner = AbortSignal.any([signal, this.#closing.signal]);
    this.#writing = Promise.all([this.status.run(inner), this.#followPod(inner)]);
    // Only this process can forward: while it is away, the pod is reached by its own address.
    const stopForwarding = () => void this.hostPorts?.[Symbol.asyncDispose]();
    inner.addEventListener('abort', stopForwarding, { once: true });
  }

  /** Ends what `open` began. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#writing;
  }

  /** Gives back what the pod needed to run. */
  async release(): Promise<void> {
    const { admission, network } = this.components;
    const pod = this.manifest.current;
    await this.hostPorts?.[Symbol.asyncDispose]();
    this.hostPorts = undefined;
    admission.release(pod);
    await network.release(pod.metadata.uid);
  }

  /** Tells of something that happened to the pod. */
  event(type: 'Normal' | 'Warning', reason: string, message: string, container?: string): void {
    const { events } = this.components;
    const pod = this.manifest.current;
    events.record({ pod, type, reason, message, ...(container ? { container } : {}) });
  }

  /** Whoever reads that the pod has ended may send another one in its place at once. */
  async #write(status: PodStatus, signal: AbortSignal): Promise<void> {
    const { manifest } = this;
    const { admission, pods } = this.components;
    if (isEnd(status.phase)) admission.release(manifest.current);
    if (!manifest.isGone) await pods.writeStatus(manifest.current, status, { signal });
  }

  /** A pod that this node took on before gets what it had and needs, whoever comes first. */
  #claim(): void {
    const pod = this.manifest.current;
    const { phase, startTime } = pod.status;
    const wasTakenOn = startTime !== undefined || this.found.length > 0;
    if (!wasTakenOn || isEnd(phase)) return;
    const { admission, network } = this.components;
    admission.expect(pod);
    network.reserve(pod.metadata.uid, this.knownAddresses);
  }

  async #followPod(signal: AbortSignal): Promise<void> {
    try {
      for (;;) {
        await this.manifest.changed({ signal });
        if (this.#startTime !== undefined) this.status.sourceChanged();
      }
    } catch (reason) {
      if (!signal.aborted) throw reason;
    }
  }

  #now(): string {
    return new Date(this.components.clock.now()).toISOString();
  }
}
