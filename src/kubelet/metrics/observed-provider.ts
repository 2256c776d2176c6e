import {
  type AbortOptions,
  type Container,
  type ContainerConfig,
  canPrepare,
  type PreparingProvider,
  type Provider,
  type ProviderDescription,
} from '../provider.ts';

/** Hears of containers that were started. */
export interface StartObserver {
  started(config: ContainerConfig, seconds: number): void;
}

/** What `observeProvider` needs. */
export interface ObservedProviderComponents<P extends Provider = Provider> {
  readonly provider: P;
  readonly observer: StartObserver;
}

/** A provider that is the one it wraps, with its abilities, and tells how long starts took. */
export function observeProvider({ provider, observer }: ObservedProviderComponents): Provider {
  return canPrepare(provider)
    ? new ObservedPreparingProvider({ provider, observer })
    : new ObservedProvider({ provider, observer });
}

class ObservedProvider implements Provider {
  readonly #provider: Provider;
  readonly #observer: StartObserver;

  constructor({ provider, observer }: ObservedProviderComponents) {
    this.#provider = provider;
    this.#observer = observer;
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

class ObservedPreparingProvider extends ObservedProvider implements PreparingProvider {
  readonly #provider: PreparingProvider;
  readonly #observer: StartObserver;

  constructor(components: ObservedProviderComponents<PreparingProvider>) {
    super(components);
    this.#provider = components.provider;
    this.#observer = components.observer;
  }

  /** What it waits for is no part of the start. */
  async startWhen(ready: Promise<unknown>, config: ContainerConfig): Promise<Container> {
    const starting = this.#provider.startWhen(ready, config);
    const [container, begun] = await Promise.all([starting, ready.then(() => performance.now())]);
    this.#observer.started(config, (performance.now() - begun) / 1000);
    return container;
  }
}
