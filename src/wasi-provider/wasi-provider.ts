import { mkdirSync } from 'node:fs';
import path from 'node:path';
import {
  type AbortOptions,
  type Container,
  type ContainerConfig,
  type PreparingProvider,
  type ProviderDescription,
  ProviderError,
} from '../kubelet/provider.ts';
import type { SandboxMode } from '../runtime/container-spec.ts';
import { RuntimeError } from '../runtime/errors.ts';
import type { Runtime, RuntimeStartOptions } from '../runtime/runtime.ts';
import { configOfLabels, isKeptBy, type Keeper } from './container-labels.ts';
import { containerSpecOf } from './container-spec-of.ts';
import { runtimeHandlers } from './runtime-handlers.ts';
import { WasiContainer } from './wasi-container.ts';

/** `kubernetes.io/arch` of a node that runs WASI modules, as upstream Krustlet has it. */
const architecture = 'wasm32-wasi';

export interface WasiProviderInit {
  /** Such as `2.0.0`. */
  readonly version: string;
  /** What happens where a part of the sandbox is unavailable. @default 'required' */
  readonly sandbox?: SandboxMode;
  /** Absolute path of wasmtime's program; without it, there is no handler for it. */
  readonly wasmtime?: string;
  /** Whose containers these are; those of others are never listed. @default 'node' */
  readonly keeper?: Keeper;
}

/** Runs WASI modules, each in a process of its own that outlives this one. */
export class WasiProvider implements PreparingProvider {
  readonly #runtime: Runtime;
  readonly #init: WasiProviderInit;

  constructor({ runtime }: { readonly runtime: Runtime }, init: WasiProviderInit) {
    this.#runtime = runtime;
    this.#init = init;
  }

  async describe(): Promise<ProviderDescription> {
    const names = Object.entries(runtimeHandlers)
      .filter(([, { engine }]) => engine !== 'wasmtime' || this.#init.wasmtime !== undefined)
      .map(([name]) => name);
    return {
      architecture,
      runtimeVersion: `krustlet://${this.#init.version}`,
      labels: {
        type: 'krustlet',
        // To programs of WebAssembly the system is WASI.
        'kubernetes.io/os': architecture,
        'beta.kubernetes.io/os': architecture,
      },
      taints: [
        { key: 'kubernetes.io/arch', value: architecture, effect: 'NoSchedule' },
        { key: 'kubernetes.io/arch', value: architecture, effect: 'NoExecute' },
      ],
      runtimeHandlers: names,
    };
  }

  async start(config: ContainerConfig, { signal }: AbortOptions = {}): Promise<Container> {
    return await this.#start(config, { signal });
  }

  async startWhen(ready: Promise<unknown>, config: ContainerConfig): Promise<Container> {
    return await this.#start(config, { ready });
  }

  async #start(config: ContainerConfig, options: RuntimeStartOptions): Promise<Container> {
    const spec = containerSpecOf(config, this.#init);
    mkdirSync(path.dirname(spec.log.path), { recursive: true });
    try {
      const running = await this.#runtime.start(spec, options);
      return new WasiContainer(config, running);
    } catch (error) {
      options.signal?.throwIfAborted();
      if (!(error instanceof RuntimeError)) throw error;
      // Without the container's id, which makes another Event of each try.
      const { message } = error.cause instanceof Error ? error.cause : error;
      throw new ProviderError('RunContainerError', message, { cause: error });
    }
  }

  async list(): Promise<readonly Container[]> {
    const { keeper = 'node' } = this.#init;
    const found = await this.#runtime.list(({ labels }) => isKeptBy(keeper, labels));
    return found.flatMap((running) => {
      const config = configOfLabels(running.spec.labels);
      return config === undefined ? [] : [new WasiContainer(config, running)];
    });
  }
}
