import type { ContainerLife } from '../containers/container-life.ts';
import { stopContainer } from '../containers/stop-container.ts';
import type { PodContext } from './pod-context.ts';

/**
 * Ends all containers of a pod within its grace period: those that do its work side by side, then
 * the sidecars in the reverse order of their start. One that is being started is ended when it has
 * been. Called again, it may only shorten the grace.
 */
export async function stopContainers(context: PodContext, graceSeconds: number): Promise<void> {
  const { clock } = context.components;
  const { initContainers } = context.manifest.current.spec;
  const isSidecar = ({ name }: ContainerLife) =>
    initContainers.some((item) => item.name === name && item.restartPolicy === 'Always');
  const lives = [...context.containers.values()];
  const deadline = clock.now() + graceSeconds * 1000;
  const stop = async (life: ContainerLife) => {
    await life.starting;
    await stopContainer(life, {
      message: `Stopping container ${life.name}`,
      graceSeconds: Math.min(Math.max((deadline - clock.now()) / 1000, 0), graceSeconds),
    });
  };
  await Promise.all(lives.filter((life) => !isSidecar(life)).map(stop));
  for (const sidecar of lives.filter(isSidecar).reverse()) await stop(sidecar);
}
