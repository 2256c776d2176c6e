import { ApiListWatch } from '../../krator/cache/api-list-watch.ts';
import { Reflector } from '../../krator/cache/reflector.ts';
import { Store } from '../../krator/cache/store.ts';
import { Backoff } from '../../krator/queue/backoff.ts';
import type { AbortOptions } from '../../kubernetes/abort-options.ts';
import type { ApiClient } from '../../kubernetes/api/api-client.ts';
import { type Clock, systemClock } from '../../kubernetes/clock.ts';
import { messageOf } from '../../kubernetes/message-of.ts';
import { type Node, type NodeImage, nodes } from '../../kubernetes/resources/node.ts';
import type { DeviceAmounts } from '../devices/device-inventory.ts';
import type { PressureType } from '../eviction/eviction-thresholds.ts';
import { LeaseRenewer } from './heartbeat/lease-renewer.ts';
import type { NodeEvent, NodeEventListener } from './heartbeat/node-events.ts';
import { NodeStatusReporter } from './heartbeat/node-status-reporter.ts';
import type { NodeLog } from './node-log.ts';
import type { NodeDescription } from './registration/node-description.ts';
import { registerNode } from './registration/register-node.ts';

/** What `NodeAgent` needs. */
export interface NodeAgentComponents {
  readonly client: ApiClient;
  readonly log: NodeLog;
  readonly description: NodeDescription;
  /** The pressures of now. */
  readonly pressures: () => Promise<ReadonlySet<PressureType>>;
  /** Devices on the node. @default none */
  readonly devices?: () => DeviceAmounts;
  /** Volumes that are not to be detached from the node. @default none */
  readonly volumesInUse?: () => readonly string[];
  /** Images on the node. @default none */
  readonly images?: () => Promise<readonly NodeImage[]>;
  /** Hears what happens to the node. */
  readonly onEvent?: NodeEventListener;
  /** Why the node cannot run pods now. @default nothing */
  readonly trouble?: () => string | undefined;
  /** @default the machine's clock */
  readonly clock?: Clock;
}

/** All optional. */
export interface NodeAgentInit {
  /** Milliseconds between looks at the machine. @default 10_000 */
  readonly statusInterval?: number;
  /** Milliseconds between status reports that say nothing new. @default 300_000 */
  readonly reportInterval?: number;
  /** Seconds after which the cluster gives the node up. @default 40 */
  readonly leaseDurationSeconds?: number;
}

const starting: NodeEvent = { type: 'Normal', reason: 'Starting', message: 'Starting kubelet.' };

/** However often something changes, in milliseconds. */
const shortestRest = 500;

/** Stands for the node in its cluster: its Node object, the status in it, and its lease. */
export class NodeAgent {
  readonly #components: NodeAgentComponents;
  readonly #clock: Clock;
  readonly #statusInterval: number;
  readonly #store = new Store<Node>();
  readonly #reporter: NodeStatusReporter;
  readonly #lease: LeaseRenewer;
  #registered = Promise.withResolvers<Node>();
  #wake = Promise.withResolvers<void>();

  constructor(components: NodeAgentComponents, init: NodeAgentInit = {}) {
    const { client, log, clock, images, trouble } = components;
    this.#components = components;
    this.#clock = clock ?? systemClock;
    this.#statusInterval = init.statusInterval ?? 10_000;
    this.#reporter = new NodeStatusReporter(
      {
        ...components,
        images: images ?? (async () => []),
        trouble: trouble ?? (() => undefined),
      },
      init.reportInterval === undefined ? {} : { reportInterval: init.reportInterval },
    );
    this.#lease = new LeaseRenewer(
      { client, log, node: () => this.node, clock: this.#clock },
      init.leaseDurationSeconds === undefined ? {} : { durationSeconds: init.leaseDurationSeconds },
    );
  }

  /** The Node as last seen: its labels, taints and podCIDRs are the cluster's to change. */
  get node(): Node | undefined {
    return this.#store.get(this.#components.description.nodeName);
  }

  /** Resolves to the Node once the cluster has it; one that was deleted counts no more. */
  get registered(): Promise<Node> {
    const { node } = this;
    return node === undefined ? this.#registered.promise : Promise.resolve(node);
  }

  /** Hears of every change of the Node, until disposed. */
  subscribe(listener: (node: Node) => void): Disposable {
    return this.#store.subscribe(({ kind, object }) => {
      if (kind !== 'removed') listener(object);
    });
  }

  /** Has the status looked at now rather than in its time: something has changed. */
  refresh(): void {
    this.#wake.resolve();
  }

  /** Tells the cluster that the node is about to stop, so that no pod is sent to it. */
  async markShuttingDown(): Promise<void> {
    this.#reporter.markShuttingDown();
    if (this.node) await this.#report(this.node);
  }

  /** Registers the node and keeps it alive in the cluster until the signal aborts. */
  async run({ signal }: { readonly signal: AbortSignal }): Promise<void> {
    await this.#register(signal);
    if (this.node) this.#components.onEvent?.(this.node, starting);
    await Promise.all([
      this.#watchNode(signal),
      this.#lease.run({ signal }),
      this.#keepStatus(signal),
    ]);
  }

  /** Registers, however often it takes. */
  async #register(signal: AbortSignal): Promise<void> {
    const { log, description } = this.#components;
    const backoff = new Backoff({ firstDelay: 500, maxDelay: 15_000, jitter: 0.5 });
    while (!signal.aborted) {
      try {
        const node = await registerNode(this.#components, description, { signal });
        this.#store.put(node);
        this.#registered.resolve(node);
        return;
      } catch (error) {
        if (signal.aborted) return;
        log.warn(`Cannot register node '${description.nodeName}': ${messageOf(error)}`);
        await this.#sleep(backoff.next(), signal);
      }
    }
  }

  async #watchNode(signal: AbortSignal): Promise<void> {
    const { client, description, log } = this.#components;
    const selection = { fieldSelector: `metadata.name=${description.nodeName}` };
    const source = new ApiListWatch({ client, resource: nodes }, selection);
    const onError = (error: unknown): void =>
      log.warn(`Cannot watch the Node: ${messageOf(error)}`);
    const reflector = new Reflector(
      { source, store: this.#store, clock: this.#clock },
      { onError },
    );
    using _subscription = this.#store.subscribe(({ kind }) => {
      if (kind === 'removed') this.refresh();
    });
    await reflector.run({ signal });
  }

  async #keepStatus(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      // What changes meanwhile is looked at next.
      this.#wake = Promise.withResolvers();
      await this.#reportOnce(signal);
      const rest = Math.min(shortestRest, this.#statusInterval);
      await this.#sleep(rest, signal);
      await Promise.race([this.#sleep(this.#statusInterval - rest, signal), this.#wake.promise]);
    }
  }

  async #reportOnce(signal: AbortSignal): Promise<void> {
    const { log } = this.#components;
    try {
      if (this.node === undefined) await this.#registerAgain(signal);
      if (this.node) await this.#report(this.node, { signal });
    } catch (error) {
      if (!signal.aborted) log.warn(`Cannot report the node's status: ${messageOf(error)}`);
    }
  }

  async #report(node: Node, options: AbortOptions = {}): Promise<void> {
    const reported = await this.#reporter.report(node, options);
    if (reported) this.#store.put(reported);
    else this.#store.remove(node.metadata.name);
  }

  async #registerAgain(signal: AbortSignal): Promise<void> {
    const { log, description } = this.#components;
    log.warn(`Node '${description.nodeName}' was deleted: registering it again`);
    this.#registered = Promise.withResolvers();
    await this.#register(signal);
  }

  async #sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
    await this.#clock.sleep(milliseconds, { signal }).catch((error) => {
      if (!signal.aborted) throw error;
    });
  }
}
