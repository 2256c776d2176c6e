import type { AbortOptions } from '../../kubernetes/abort-options.ts';
import { messageOf } from '../../kubernetes/message-of.ts';
import { abortable } from '../abortable.ts';
import type { NodeLog } from '../node/node-log.ts';
import type { ContainerDevices, PodDevices } from '../pods/pod-ports.ts';
import type { PodContainer } from '../pods/schema/container.ts';
import type { Pod } from '../pods/schema/pod.ts';
import type { DeviceCheckpoint, DeviceGrant } from './device-checkpoint.ts';
import { DeviceError } from './device-error.ts';
import { DeviceGrants } from './device-grants.ts';
import type { DeviceInventory } from './device-inventory.ts';
import type { DevicePlugin } from './device-plugin.ts';
import { type DeviceRequest, deviceRequests } from './device-requests.ts';

/** What `DeviceManager` needs. */
export interface DeviceManagerComponents {
  readonly inventory: DeviceInventory;
  /** The plugin of a resource, while it is there. */
  readonly pluginOf: (resource: string) => DevicePlugin | undefined;
  readonly checkpoint: DeviceCheckpoint;
  /** The uids of all pods of the node, once they are known. */
  readonly activePods: () => Promise<ReadonlySet<string>>;
  /** Hears what a plugin gave that containers here cannot have. */
  readonly onIgnored: (pod: Pod, container: string, what: string) => void;
  readonly log: NodeLog;
}

/** Gives devices to the containers of pods, and keeps account of them beyond its own life. */
export class DeviceManager implements PodDevices {
  readonly #components: DeviceManagerComponents;
  readonly #grants = new DeviceGrants();
  #loading: Promise<void> | undefined;
  #allocating: Promise<unknown> = Promise.resolve();
  #keptResources = '';

  constructor(components: DeviceManagerComponents) {
    this.#components = components;
  }

  /** Takes over what an earlier life gave; once, before anything is given. */
  load(): Promise<void> {
    this.#loading ??= this.#load();
    return this.#loading;
  }

  /**
   * Gives a pod all devices that it asks for; what it has already, it keeps. Resources that no
   * plugin ever registered are nobody's here, as with stock kubelets.
   *
   * @throws {DeviceError} where there are not enough
   * @throws {GrpcError} where a plugin refuses
   */
  async allocate(pod: Pod, options: AbortOptions = {}): Promise<void> {
    if (!asksForDevices(pod)) return;
    const allocation = this.#allocating.then(() => this.#allocate(pod, options));
    this.#allocating = allocation.catch(() => undefined);
    await allocation;
  }

  /** Takes back what a pod has. */
  release(uid: string): void {
    if (this.#grants.delete(uid)) void this.#save();
  }

  /** Keeps the names of resources, where there are others than before. */
  resourcesChanged(): void {
    const names = this.#components.inventory.resources.join();
    if (names === this.#keptResources) return;
    this.#keptResources = names;
    void this.#save();
  }

  of(
    { metadata: { uid } }: Pod,
    container: string,
    options: AbortOptions = {},
  ): Promise<ContainerDevices> | undefined {
    const grants = this.#grants.of(uid, container);
    return grants && this.#prepare(grants, options);
  }

  async #load(): Promise<void> {
    const { checkpoint, inventory, log } = this.#components;
    try {
      const state = await checkpoint.load();
      if (state === undefined) return;
      this.#grants.restore(state.pods);
      for (const resource of state.resources) inventory.expect(resource);
    } catch (error) {
      log.warn(`What devices pods have is not known any more: ${messageOf(error)}`);
    }
  }

  async #prepare(
    grants: ReadonlyMap<string, DeviceGrant>,
    options: AbortOptions,
  ): Promise<ContainerDevices> {
    const { pluginOf } = this.#components;
    for (const [resource, { ids }] of grants) await pluginOf(resource)?.preStart(ids, options);
    const all = [...grants.values()];
    return {
      env: new Map(all.flatMap(({ env }) => Object.entries(env))),
      mounts: all.flatMap(({ mounts }) => mounts),
    };
  }

  async #allocate(pod: Pod, options: AbortOptions): Promise<void> {
    await this.load();
    this.#grants.retain(await abortable(this.#components.activePods(), options.signal));
    const { uid } = pod.metadata;
    const { initContainers, containers } = pod.spec;
    // What an init container had, those after it may have, as it has ended by then.
    const reusable = new Map<string, Set<string>>();
    try {
      for (const container of [...initContainers, ...containers]) {
        await this.#allocateContainer(pod, container, reusable, options);
        const isEnding = initContainers.includes(container) && container.restartPolicy !== 'Always';
        for (const [resource, { ids }] of this.#grants.of(uid, container.name) ?? []) {
          const left = reusable.get(resource) ?? new Set();
          for (const id of ids) isEnding ? left.add(id) : left.delete(id);
          reusable.set(resource, left);
        }
      }
    } catch (error) {
      this.#grants.delete(uid);
      throw error;
    } finally {
      await this.#save();
    }
  }

  async #allocateContainer(
    pod: Pod,
    container: PodContainer,
    reusable: ReadonlyMap<string, ReadonlySet<string>>,
    options: AbortOptions,
  ): Promise<void> {
    const { inventory, onIgnored, pluginOf } = this.#components;
    const { uid } = pod.metadata;
    for (const request of deviceRequests(container)) {
      const { resource } = request;
      const has = this.#grants.of(uid, container.name)?.has(resource) === true;
      if (has || !inventory.has(resource)) continue;
      const plugin = pluginOf(resource);
      if (plugin === undefined) {
        throw new DeviceError(
          `no healthy devices present; cannot allocate unhealthy devices ${resource}`,
        );
      }
      const ids = await this.#choose(plugin, request, reusable.get(resource) ?? new Set(), options);
      const ignored = (what: string) => onIgnored(pod, container.name, what);
      const grant = await plugin.allocate(ids, ignored, options);
      this.#grants.set({ uid, container: container.name, resource }, grant);
    }
  }

  /** Devices to give: those that can be had again first, then those that the plugin prefers. */
  async #choose(
    plugin: DevicePlugin,
    { resource, amount }: DeviceRequest,
    reusable: ReadonlySet<string>,
    options: AbortOptions,
  ): Promise<readonly string[]> {
    const { inventory } = this.#components;
    const healthy = inventory.healthyOf(resource);
    const again = [...reusable].filter((id) => healthy.has(id)).slice(0, amount);
    const free = [...healthy.difference(this.#grants.inUse(resource))];
    const missing = amount - again.length;
    if (missing === 0) return again;
    if (free.length < missing) {
      const amounts = `Requested: ${missing}, Available: ${free.length}`;
      throw new DeviceError(`requested number of devices unavailable for ${resource}. ${amounts}`);
    }
    const choice = { available: [...again, ...free], mustInclude: again, size: amount };
    const preferred = (await plugin.prefer(choice, options)).filter((id) => free.includes(id));
    return [...new Set([...again, ...preferred, ...free])].slice(0, amount);
  }

  async #save(): Promise<void> {
    const { checkpoint, inventory, log } = this.#components;
    try {
      await this.load();
      await checkpoint.save(() => ({
        resources: [...inventory.resources],
        pods: this.#grants.state,
      }));
    } catch (error) {
      log.warn(`What devices pods have cannot be kept: ${messageOf(error)}`);
    }
  }
}

/** Whether any container asks for what may be a device. */
function asksForDevices({ spec }: Pod): boolean {
  return [...spec.initContainers, ...spec.containers].some(
    (container) => deviceRequests(container).length > 0,
  );
}
