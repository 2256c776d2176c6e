import type { State, StateOptions } from '../../../krator/states/state.ts';
import { containerConfig } from '../container-config.ts';
import type { ContainerLife } from '../container-life.ts';
import { ContainerRunning } from './container-running.ts';
import { StartBackOff } from './start-back-off.ts';

/** The container is about to be started: all that it refers to is resolved, then it is. */
export class ContainerWaiting implements State<ContainerLife> {
  readonly name = 'Waiting';

  async next(
    life: ContainerLife,
    { signal }: StateOptions,
  ): Promise<ContainerRunning | StartBackOff> {
    try {
      return await start(life, signal);
    } catch (error) {
      signal.throwIfAborted();
      return new StartBackOff(error);
    }
  }
}

async function start(life: ContainerLife, signal: AbortSignal): Promise<ContainerRunning> {
  const { pod, spec, record } = life;
  const { images, provider } = pod.components;
  const image = life.firstImage ?? (await images.image(pod.manifest.current, spec, { signal }));
  life.firstImage = undefined;
  const attempt = record.nextAttempt;
  const config = await containerConfig(pod, spec, { attempt, image }, { signal });
  signal.throwIfAborted();
  // Not to be cut short: its guest may have run by then, and would run again in another life.
  const container = await life.start(provider.start(config));
  return new ContainerRunning(container, { isAdopted: false, hasStarted: false });
}
