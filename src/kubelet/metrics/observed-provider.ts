import type {
  AbortOptions,
  Container,
  ContainerConfig,
  Provider,
  ProviderDescription,
} from '../provider.ts';

/** Hears of containers that were started. */
export interface StartObserver {
  started(config: ContainerConfig, seconds: number): void;
}

/** A provider that is the one it wraps, and tells how long starts took. */
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
    const container = await this.#provider.start(config, options);
    this.#observer.started(config, (performance.now() - begun) / 1000);
    return container;
  }
}
