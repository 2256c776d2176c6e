import path from 'node:path';
import { call, callStream } from '../../grpc/call.ts';
import type { AbortOptions } from '../../kubernetes/abort-options.ts';
import type { DeviceGrant } from './device-checkpoint.ts';
import { DeviceError } from './device-error.ts';
import {
  type Device,
  type DeviceAllocation,
  type DevicePluginOptions,
  devicePlugin,
} from './device-plugin-api.ts';

export interface DevicePluginInit {
  readonly resource: string;
  /** The plugin's own socket. */
  readonly socket: string;
  readonly options: DevicePluginOptions;
}

/** Which devices to choose from. */
export interface DeviceChoice {
  readonly available: readonly string[];
  /** Those among them that are to be chosen in any case. */
  readonly mustInclude: readonly string[];
  readonly size: number;
}

const answerWithin = 10_000;
/** As stock kubelets wait: a plugin may reset its devices before they are used. */
const preStartWithin = 30_000;

/** A plugin that has registered. What it answers is checked; what it does not answer is given up. */
export class DevicePlugin {
  readonly resource: string;
  readonly #address: { readonly path: string };
  readonly #options: DevicePluginOptions;

  constructor({ resource, socket, options }: DevicePluginInit) {
    this.resource = resource;
    this.#address = { path: socket };
    this.#options = options;
  }

  /** All devices, each time that something about them has changed, until the plugin goes away. */
  async *devices(options: AbortOptions): AsyncGenerator<readonly Device[]> {
    for await (const { devices } of callStream(
      this.#address,
      devicePlugin.listAndWatch,
      {},
      options,
    )) {
      yield devices;
    }
  }

  /** Devices that the plugin would choose; none where it does not mind. */
  async prefer(choice: DeviceChoice, options: AbortOptions = {}): Promise<readonly string[]> {
    if (!this.#options.hasPreferredAllocation) return [];
    const request = { containers: [choice] };
    const method = devicePlugin.getPreferredAllocation;
    const { containers } = await this.#call(method, request, options);
    return containers[0]?.ids ?? [];
  }

  /**
   * Has the plugin make devices ready for a container.
   *
   * @param onIgnored hears of parts of its answer that containers here cannot have
   * @throws {GrpcError} where the plugin refuses
   * @throws {DeviceError} where its answer cannot be used
   */
  async allocate(
    ids: readonly string[],
    onIgnored: (what: string) => void,
    options: AbortOptions = {},
  ): Promise<DeviceGrant> {
    const request = { containers: [{ ids }] };
    const { containers } = await this.#call(devicePlugin.allocate, request, options);
    const [answer] = containers;
    if (answer === undefined || containers.length !== 1) {
      throw new DeviceError(
        `the plugin of ${this.resource} answered for ${containers.length} containers, not for one`,
      );
    }
    for (const what of ignoredIn(answer)) onIgnored(what);
    return { ids: [...ids], env: envOf(answer), mounts: mountsOf(answer) };
  }

  /** Has the plugin make devices ready for a start of their container, where it wants to. */
  async preStart(ids: readonly string[], options: AbortOptions = {}): Promise<void> {
    if (!this.#options.preStartRequired) return;
    const timeout = preStartWithin;
    await call(this.#address, devicePlugin.preStartContainer, { ids }, { ...options, timeout });
  }

  #call<Request, Response>(
    method: Parameters<typeof call<Request, Response>>[1],
    request: Partial<Request>,
    options: AbortOptions,
  ): Promise<Response> {
    return call(this.#address, method, request, { ...options, timeout: answerWithin });
  }
}

function ignoredIn({ devices, cdiDevices }: DeviceAllocation): readonly string[] {
  return [
    ...devices.map(({ hostPath }) => `the device node ${hostPath}`),
    ...cdiDevices.map(({ name }) => `the CDI device ${name}`),
  ];
}

function envOf({ envs }: DeviceAllocation): Record<string, string> {
  for (const [name, value] of Object.entries(envs)) {
    if (name === '' || /[=\0]/.test(name) || value.includes('\0')) {
      throw new DeviceError(`the plugin gave an environment variable "${name}" that cannot be`);
    }
  }
  return { ...envs };
}

function mountsOf({ mounts }: DeviceAllocation): DeviceGrant['mounts'] {
  for (const { hostPath, containerPath } of mounts) {
    const wrong = [hostPath, containerPath].find(
      (each) => !path.isAbsolute(each) || each.includes('\0'),
    );
    if (wrong !== undefined) throw new DeviceError(`the plugin gave a mount of "${wrong}"`);
  }
  return [...mounts];
}
