import { ProcessProvider } from '../../examples/provider/process-provider.ts';
import type { Container, ContainerConfig, PreparingProvider } from '../../src/kubelet/provider.ts';

/** Runs programs of this machine, prepares nothing, and notes what it was asked to prepare and start. */
export class NotingProvider extends ProcessProvider implements PreparingProvider {
  readonly prepared: string[] = [];
  readonly started: string[] = [];

  async startWhen(ready: Promise<unknown>, config: ContainerConfig): Promise<Container> {
    this.prepared.push(config.name);
    await ready;
    return await this.start(config);
  }

  override async start(config: ContainerConfig): Promise<Container> {
    this.started.push(config.name);
    return await super.start(config);
  }
}
