import path from 'node:path';
import type { NodeLog } from '../node/node-log.ts';
import type { EventSink, PodAdmission, PodDevices } from '../pods/pod-ports.ts';
import { DeviceAdmission } from './device-admission.ts';
import { DeviceCheckpoint } from './device-checkpoint.ts';
import { type DeviceAmounts, DeviceInventory } from './device-inventory.ts';
import { DeviceManager } from './device-manager.ts';
import { DevicePlugins } from './device-plugins.ts';

/** What `NodeDevices` needs. */
export interface NodeDevicesComponents {
  readonly events: EventSink;
  /** The uids of all pods of the node, once they are known. */
  readonly activePods: () => Promise<ReadonlySet<string>>;
  /** The Node's status has something new to say. */
  readonly onChange: () => void;
  readonly now: () => number;
  readonly log: NodeLog;
}

/** The devices of a node: their plugins, and who has which. */
export class NodeDevices {
  readonly plugins: DevicePlugins;
  readonly #inventory: DeviceInventory;
  readonly #manager: DeviceManager;

  /** @param directory where plugins register, and where is kept what pods have */
  constructor(components: NodeDevicesComponents, directory: string) {
    const { activePods, events, log, now, onChange } = components;
    this.#inventory = new DeviceInventory({
      now,
      onChange: () => {
        this.#manager.resourcesChanged();
        onChange();
      },
    });
    this.plugins = new DevicePlugins({ inventory: this.#inventory, log }, directory);
    this.#manager = new DeviceManager({
      inventory: this.#inventory,
      pluginOf: (resource) => this.plugins.of(resource),
      checkpoint: new DeviceCheckpoint(path.join(directory, 'allocations.json')),
      activePods,
      onIgnored: (pod, container, what) => {
        const message = `modules have no devices: container "${container}" goes without ${what}`;
        events.record({ pod, type: 'Warning', reason: 'DeviceIgnored', message, container });
      },
      log,
    });
  }

  /** What the Node's status says of them. */
  get amounts(): DeviceAmounts {
    return this.#inventory.amounts;
  }

  /** What containers get with their devices. */
  get ofPods(): PodDevices {
    return this.#manager;
  }

  /** Takes pods with the devices that they ask for, whatever else is decided by `admission`. */
  admission(admission: PodAdmission): PodAdmission {
    return new DeviceAdmission({ admission, devices: this.#manager });
  }

  /** Follows the plugins until the signal aborts. */
  async run(options: { readonly signal: AbortSignal }): Promise<void> {
    await this.#manager.load();
    await this.plugins.run(options);
  }
}
