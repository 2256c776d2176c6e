import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { call } from '../../src/grpc/call.ts';
import { GrpcServer, serve, serveStream } from '../../src/grpc/grpc-server.ts';
import type { MessageType } from '../../src/grpc/protobuf/message.ts';
import {
  type DeviceAllocation,
  type DevicePluginOptions,
  devicePlugin,
  registerMethod,
} from '../../src/kubelet/devices/device-plugin-api.ts';

type Choice = MessageType<typeof devicePlugin.getPreferredAllocation.request>['containers'][number];

export interface MockDevicePluginInit {
  /** Where the kubelet's socket is. */
  readonly directory: string;
  readonly resource: string;
  /** The devices by their health. */
  readonly devices: Readonly<Record<string, string>>;
  /** What a container gets with some devices. @default nothing */
  readonly allocation?: (ids: readonly string[]) => Partial<DeviceAllocation>;
  /** Devices that it would choose. @default it does not mind */
  readonly prefer?: (choice: Choice) => readonly string[];
  /** Hears of each start of a container, which it then wants to hear of. */
  readonly onPreStart?: (ids: readonly string[]) => void;
}

/** A device plugin of tests: a real one, whose devices are names. */
export class MockDevicePlugin implements AsyncDisposable {
  /** The devices of each allocation. */
  readonly allocations: (readonly string[])[] = [];
  readonly #init: MockDevicePluginInit;
  readonly #name: string;
  readonly #server: GrpcServer;
  #devices: Readonly<Record<string, string>>;
  #changed = Promise.withResolvers<void>();

  constructor(init: MockDevicePluginInit) {
    this.#init = init;
    this.#devices = init.devices;
    this.#name = `${init.resource.replaceAll('/', '-')}.sock`;
    this.#server = new GrpcServer([
      serve(devicePlugin.getOptions, () => this.#options),
      serveStream(devicePlugin.listAndWatch, (_request, signal) => this.#watch(signal)),
      serve(devicePlugin.getPreferredAllocation, ({ containers }) => ({
        containers: containers.map((choice) => ({ ids: init.prefer?.(choice) ?? [] })),
      })),
      serve(devicePlugin.allocate, ({ containers }) => ({
        containers: containers.map(({ ids }) => this.#allocate(ids)),
      })),
      serve(devicePlugin.preStartContainer, ({ ids }) => {
        init.onPreStart?.(ids);
        return {};
      }),
    ]);
  }

  /** The plugin's own socket. */
  get socket(): string {
    return path.join(this.#init.directory, this.#name);
  }

  /** Starts to serve. */
  async listen(): Promise<void> {
    await this.#server.listen(this.socket);
  }

  /** Tells the kubelet that it is there, however long the kubelet takes to come. */
  async register(): Promise<void> {
    const address = { path: path.join(this.#init.directory, 'kubelet.sock') };
    const registration = {
      version: 'v1beta1',
      endpoint: this.#name,
      resourceName: this.#init.resource,
      options: this.#options,
    };
    for (let tries = 100; ; tries -= 1) {
      try {
        await call(address, registerMethod, registration);
        return;
      } catch (error) {
        if (tries === 0) throw error;
        await setTimeout(100);
      }
    }
  }

  /** Tells the kubelet of other devices, or of another health. */
  change(devices: Readonly<Record<string, string>>): void {
    this.#devices = devices;
    this.#changed.resolve();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
  }

  get #options(): DevicePluginOptions {
    const { prefer, onPreStart } = this.#init;
    return {
      hasPreferredAllocation: prefer !== undefined,
      preStartRequired: onPreStart !== undefined,
    };
  }

  #allocate(ids: readonly string[]): DeviceAllocation {
    this.allocations.push(ids);
    const nothing = { envs: {}, mounts: [], devices: [], annotations: {}, cdiDevices: [] };
    return { ...nothing, ...this.#init.allocation?.(ids) };
  }

  async *#watch(signal: AbortSignal) {
    const over = Promise.withResolvers<void>();
    signal.addEventListener('abort', () => over.resolve(), { once: true });
    while (!signal.aborted) {
      this.#changed = Promise.withResolvers();
      const devices = Object.entries(this.#devices).map(([id, health]) => ({ id, health }));
      yield { devices };
      await Promise.race([this.#changed.promise, over.promise]);
    }
  }
}
