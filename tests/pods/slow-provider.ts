import { setTimeout as sleep } from 'node:timers/promises';
import { ProcessProvider } from '../../examples/provider/process-provider.ts';
import type { Container, ContainerConfig, PreparingProvider } from '../../src/kubelet/provider.ts';

/** Programs of this machine, which take their time to start, as where processors are busy. */
export class SlowProvider extends ProcessProvider {
  /** All that it has started. */
  readonly containers: Container[] = [];
  readonly #delay: number;

  /** @param delay in milliseconds */
  constructor(delay: number) {
    super();
    this.#delay = delay;
  }

  override async start(config: ContainerConfig): Promise<Container> {
    await sleep(this.#delay);
    const container = await super.start(config);
    this.containers.push(container);
    return container;
  }
}

/** One that can also begin a start before volumes are there. */
export class SlowPreparingProvider extends SlowProvider implements PreparingProvider {
  async startWhen(ready: Promise<unknown>, config: ContainerConfig): Promise<Container> {
    await ready;
    return await this.start(config);
  }
}
