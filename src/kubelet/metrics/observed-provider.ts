import type {
  AbortOptions,
  Container,
  ContainerConfig,
  Provider,
  ProviderDescription,
} from '../provider.ts';

/** Hears how the starts of containers went. */
export interface StartObserver {
  started(config: ContainerConfig, seconds: number): void;
  failed(config: ContainerConfig, error: unknown): void;
}

/** A provider that is the one it wraps, and tells how starts went. */
export class ObservedProvider implements Provider {
  readonly #provider: Provider;
  readonly #observer: StartObserver;

  constructor(components: { readonly provider: Provider; readonly observer: StartObserver }) {
    this.#provider = components.provider;
    this.#observer = components.observer;
  }

  describe(): Promise<ProviderDescription> {
    return this.#provider.describe();
  }

  list(options?: AbortOptions): Promise<readonly Container[]> {
    return this.#provider.list(options);
  }

  async start(config: ContainerConfig, options?: AbortOptions): Promise<Container> {
    const begun = performance.now();
    try {
      const container = await this.#provider.start(config, options);
      this.#observer.started(config, (performance.now() - begun) / 1000);
      return container;
    } catch (error) {
      if (!options?.signal?.aborted) this.#observer.failed(config, error);
      throw error;
    }
  }
}
