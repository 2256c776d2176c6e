import path from 'node:path';
import { GrpcError, grpcCodes } from '../../grpc/grpc-error.ts';
import { GrpcServer, serve } from '../../grpc/grpc-server.ts';
import { messageOf } from '../../kubernetes/message-of.ts';
import { untilAborted } from '../../kubernetes/until-aborted.ts';
import type { NodeLog } from '../node/node-log.ts';
import type { DeviceInventory } from './device-inventory.ts';
import { DevicePlugin, type DevicePluginInit } from './device-plugin.ts';
import { type DeviceRegistration, deviceApiVersion, registerMethod } from './device-plugin-api.ts';
import { isExtendedResource } from './device-requests.ts';

/** What `DevicePlugins` needs. */
export interface DevicePluginsComponents {
  readonly inventory: DeviceInventory;
  readonly log: NodeLog;
}

interface Followed {
  readonly plugin: DevicePlugin;
  readonly stop: AbortController;
}

/** The device plugins of the node: they register at `kubelet.sock` and are followed from then on. */
export class DevicePlugins {
  readonly #components: DevicePluginsComponents;
  readonly #directory: string;
  readonly #followed = new Map<string, Followed>();
  readonly #following = new Set<Promise<void>>();
  readonly #ending = new AbortController();

  /** @param directory where plugins have their sockets, and find the kubelet's */
  constructor(components: DevicePluginsComponents, directory: string) {
    this.#components = components;
    this.#directory = directory;
  }

  /** The plugin of a resource, while it is there. */
  of(resource: string): DevicePlugin | undefined {
    return this.#followed.get(resource)?.plugin;
  }

  /** Serves until the signal aborts. The socket is made anew, by which plugins know to register. */
  async run({ signal }: { readonly signal: AbortSignal }): Promise<void> {
    const { log } = this.#components;
    await using server = new GrpcServer([serve(registerMethod, (given) => this.#register(given))]);
    try {
      await server.listen(path.join(this.#directory, 'kubelet.sock'));
    } catch (error) {
      log.warn(`Device plugins cannot register: ${messageOf(error)}`);
    }
    await untilAborted(signal);
    this.#ending.abort();
    await Promise.all(this.#following);
  }

  /** Follows a plugin, in place of the one that had its resource. */
  add(init: DevicePluginInit): void {
    const { resource } = init;
    this.#followed.get(resource)?.stop.abort();
    const followed = { plugin: new DevicePlugin(init), stop: new AbortController() };
    this.#followed.set(resource, followed);
    const following = this.#follow(followed).finally(() => this.#following.delete(following));
    this.#following.add(following);
  }

  #register({ version, resourceName, endpoint, options }: DeviceRegistration): object {
    const { log } = this.#components;
    const problem = registrationProblem({ version, resourceName, endpoint });
    if (problem !== undefined) {
      log.warn(`A device plugin cannot register: ${problem}`);
      throw new GrpcError(grpcCodes.invalidArgument, problem);
    }
    this.add({
      resource: resourceName,
      socket: path.join(this.#directory, endpoint),
      options: options ?? { preStartRequired: false, hasPreferredAllocation: false },
    });
    return {};
  }

  async #follow({ plugin, stop }: Followed): Promise<void> {
    const { inventory, log } = this.#components;
    const { resource } = plugin;
    const signal = AbortSignal.any([stop.signal, this.#ending.signal]);
    log.info(`The device plugin of ${resource} has registered`);
    let why = 'it ended its list of devices';
    try {
      for await (const devices of plugin.devices({ signal })) inventory.update(resource, devices);
    } catch (error) {
      why = messageOf(error);
    }
    if (signal.aborted) return;
    log.warn(`The device plugin of ${resource} is gone: ${why}`);
    this.#followed.delete(resource);
    inventory.stop(resource);
  }
}

function registrationProblem({
  version,
  resourceName,
  endpoint,
}: Omit<DeviceRegistration, 'options'>): string | undefined {
  if (version !== deviceApiVersion) {
    return `requested API version "${version}" is not supported by kubelet. Supported version is ["${deviceApiVersion}"]`;
  }
  if (!isExtendedResource(resourceName)) {
    return `the ResourceName "${resourceName}" is invalid: use one such as example.com/device`;
  }
  // Sockets lie beside the kubelet's own, and nowhere else.
  const isName = endpoint === path.basename(endpoint) && !['', '.', '..'].includes(endpoint);
  return isName ? undefined : `the endpoint "${endpoint}" is invalid: use the name of a socket`;
}
