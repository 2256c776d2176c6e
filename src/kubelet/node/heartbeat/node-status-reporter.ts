import { patchStatus } from '../../../krator/status/patch-status.ts';
import type { StatusShape } from '../../../krator/status/strategic-diff.ts';
import type { AbortOptions } from '../../../kubernetes/abort-options.ts';
import type { ApiClient } from '../../../kubernetes/api/api-client.ts';
import { type Clock, systemClock } from '../../../kubernetes/clock.ts';
import {
  type Node,
  type NodeCondition,
  type NodeImage,
  type NodeStatus,
  nodes,
} from '../../../kubernetes/resources/node.ts';
import type { DeviceAmounts } from '../../devices/device-inventory.ts';
import { isExtendedResource } from '../../devices/device-requests.ts';
import type { PressureType } from '../../eviction/eviction-thresholds.ts';
import { type NodeDescription, statusOf } from '../registration/node-description.ts';
import { nodeConditions } from './node-conditions.ts';
import { type NodeEventListener, nodeEvents } from './node-events.ts';
import { PressureMemory } from './pressure-memory.ts';

/** What `NodeStatusReporter` needs. */
export interface NodeStatusReporterComponents {
  readonly client: ApiClient;
  readonly description: NodeDescription;
  /** The pressures of now. */
  readonly pressures: () => Promise<ReadonlySet<PressureType>>;
  /** Devices on the node. @default none */
  readonly devices?: () => DeviceAmounts;
  /** Volumes that are not to be detached from the node. @default none */
  readonly volumesInUse?: () => readonly string[];
  /** Images on the node, the largest first. */
  readonly images: () => Promise<readonly NodeImage[]>;
  /** Why the node cannot run pods now; absent where it can. */
  readonly trouble: () => string | undefined;
  /** Hears what a new status tells, once it is written. */
  readonly onEvent?: NodeEventListener;
  /** @default the machine's clock */
  readonly clock?: Clock;
}

/** All optional. */
export interface NodeStatusReporterInit {
  /** Milliseconds between reports that say nothing new. @default 300_000 */
  readonly reportInterval?: number;
  /** @default five minutes */
  readonly pressures?: PressureMemory;
}

const shape: StatusShape = {
  keyedLists: {
    conditions: { key: 'type', isShared: true },
    addresses: { key: 'type', isShared: false },
  },
};

/** Keeps the status of the Node true: written when something has changed, else every 5 minutes. */
export class NodeStatusReporter {
  readonly #components: NodeStatusReporterComponents;
  readonly #clock: Clock;
  readonly #reportInterval: number;
  readonly #pressures: PressureMemory;
  #isShuttingDown = false;
  #reportedAt = Number.NEGATIVE_INFINITY;

  constructor(components: NodeStatusReporterComponents, init: NodeStatusReporterInit = {}) {
    this.#components = components;
    this.#clock = components.clock ?? systemClock;
    this.#reportInterval = init.reportInterval ?? 300_000;
    this.#pressures = init.pressures ?? new PressureMemory();
  }

  /** Looks at the machine and writes what is new, or all where a report is due; `undefined` where the Node is gone. */
  async report(node: Node, options: AbortOptions = {}): Promise<Node | undefined> {
    const now = this.#clock.now();
    const status = await this.#status(node, now);
    // A clock that was set back does not say any more when the last report was.
    const isDue = now < this.#reportedAt || now - this.#reportedAt >= this.#reportInterval;
    const before = { ...node.status, conditions: node.status?.conditions ?? [] };
    const after = isDue ? status : { ...status, conditions: withoutBeat(status, before) };
    const written = await patchStatus(
      { client: this.#components.client, resource: nodes, shape },
      { object: node, observed: before, wanted: after },
      options,
    );
    if (written !== node) this.#reportedAt = now;
    if (written) this.#tell(node, after);
    return written;
  }

  /** Reports from now on that the node is about to stop. */
  markShuttingDown(): void {
    this.#isShuttingDown = true;
  }

  #tell(node: Node, after: NodeStatus): void {
    for (const event of nodeEvents(node, after)) this.#components.onEvent?.(node, event);
  }

  async #status({ status = {} }: Node, now: number): Promise<NodeStatus> {
    const { description, devices, images, pressures, trouble, volumesInUse } = this.#components;
    const health = {
      pressures: this.#pressures.observe(await pressures(), now),
      trouble: trouble(),
      isShuttingDown: this.#isShuttingDown,
    };
    const time = new Date(now).toISOString().replace(/\.\d+Z$/, 'Z');
    const conditions = nodeConditions(health, status.conditions ?? [], time);
    const wanted = statusOf(description, await images());
    return {
      ...wanted,
      ...withDevices(wanted, status, devices?.()),
      ...(volumesInUse && { volumesInUse: volumesInUse() }),
      conditions,
    };
  }
}

/** Extended resources are those of the plugins, and those that an administrator gave the Node. */
function withDevices(
  wanted: NodeStatus,
  { capacity: before = {} }: NodeStatus,
  devices: DeviceAmounts | undefined,
): Pick<NodeStatus, 'capacity' | 'allocatable'> {
  const given = Object.fromEntries(
    Object.entries(before).filter(([name]) => isExtendedResource(name)),
  );
  return {
    capacity: { ...given, ...wanted.capacity, ...devices?.capacity },
    allocatable: { ...given, ...wanted.allocatable, ...devices?.allocatable },
  };
}

/** Conditions that say the same as before, as they were: a heartbeat alone is no change. */
function withoutBeat(
  { conditions = [] }: NodeStatus,
  before: { readonly conditions: readonly NodeCondition[] },
): readonly NodeCondition[] {
  return conditions.map((condition) => {
    const earlier = before.conditions.find(({ type }) => type === condition.type);
    const says = ({ status, reason, message }: NodeCondition): string =>
      JSON.stringify([status, reason, message]);
    return earlier && says(earlier) === says(condition) ? earlier : condition;
  });
}
