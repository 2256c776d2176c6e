import { type Device, healthy } from './device-plugin-api.ts';

/** What `DeviceInventory` needs. */
export interface DeviceInventoryComponents {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Something changed that the node's status shows. */
  readonly onChange: () => void;
}

/** Amounts by the name of a resource, as the Node's status has them. */
export interface DeviceAmounts {
  readonly capacity: Readonly<Record<string, string>>;
  readonly allocatable: Readonly<Record<string, string>>;
}

interface Devices {
  readonly healthy: ReadonlySet<string>;
  readonly unhealthy: ReadonlySet<string>;
  /** When the plugin went away. */
  readonly stoppedAt?: number;
}

/** How long devices count as there after their plugin went away, which may only be updated. */
const stopGrace = 5 * 60_000;
const none: ReadonlySet<string> = new Set();

/** The devices of the node, by resource, as their plugins tell of them. */
export class DeviceInventory {
  readonly #components: DeviceInventoryComponents;
  readonly #resources = new Map<string, Devices>();

  constructor(components: DeviceInventoryComponents) {
    this.#components = components;
  }

  /** Resources whose plugins are there, or may come again. */
  get resources(): readonly string[] {
    return [...this.#resources].flatMap(([name, devices]) => (this.#isGone(devices) ? [] : [name]));
  }

  /** Capacity counts all devices, allocatable those that can be given to containers. */
  get amounts(): DeviceAmounts {
    const gone = { healthy: none, unhealthy: none };
    const known = [...this.#resources].map(
      ([name, devices]) => [name, this.#isGone(devices) ? gone : devices] as const,
    );
    return {
      capacity: amountsBy(known, (devices) => devices.healthy.size + devices.unhealthy.size),
      allocatable: amountsBy(known, (devices) => devices.healthy.size),
    };
  }

  /** Whether a plugin registered the resource. */
  has(resource: string): boolean {
    return this.#resources.has(resource);
  }

  /** The devices of a resource that can be given to containers. */
  healthyOf(resource: string): ReadonlySet<string> {
    return this.#resources.get(resource)?.healthy ?? none;
  }

  /** A resource of an earlier life, whose plugin has yet to come again. */
  expect(resource: string): void {
    if (this.has(resource)) return;
    const stoppedAt = this.#components.now();
    this.#set(resource, { healthy: none, unhealthy: none, stoppedAt });
  }

  /** All devices of a resource as they are now. */
  update(resource: string, devices: readonly Device[]): void {
    const isHealthy = ({ health }: Device) => health === healthy;
    const idsOf = (all: readonly Device[]) => new Set(all.map(({ id }) => id));
    const bad = idsOf(devices.filter((device) => !isHealthy(device)));
    const good = idsOf(devices.filter((device) => isHealthy(device) && !bad.has(device.id)));
    this.#set(resource, { healthy: good, unhealthy: bad });
  }

  /** The plugin went away: its devices cannot be given to anybody until it comes again. */
  stop(resource: string): void {
    const { healthy: good, unhealthy: bad } = this.#resources.get(resource) ?? {
      healthy: none,
      unhealthy: none,
    };
    const stoppedAt = this.#components.now();
    this.#set(resource, { healthy: none, unhealthy: good.union(bad), stoppedAt });
  }

  #set(resource: string, devices: Devices): void {
    this.#resources.set(resource, devices);
    this.#components.onChange();
  }

  #isGone({ stoppedAt }: Devices): boolean {
    return stoppedAt !== undefined && this.#components.now() - stoppedAt >= stopGrace;
  }
}

function amountsBy(
  resources: readonly (readonly [string, Devices])[],
  count: (devices: Devices) => number,
): Readonly<Record<string, string>> {
  return Object.fromEntries(resources.map(([name, devices]) => [name, String(count(devices))]));
}
