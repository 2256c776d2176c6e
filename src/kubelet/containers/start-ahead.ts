import type { PodContext } from '../pods/pod-context.ts';
import type { PodContainer } from '../pods/schema/container.ts';
import { type Container, canPrepare, type PreparingProvider } from '../provider.ts';
import { containerConfig } from './container-config.ts';
import type { ContainerLife } from './container-life.ts';

/**
 * Starts the containers of a pod while its volumes are being mounted, as far as a provider can do that:
 * the programs begin when all is there. Only first starts, which wait for no init container; what
 * depends on the content of volumes is left to its turn.
 *
 * @param mounting rejects where the volumes cannot be mounted now
 */
export function startAhead(
  context: PodContext,
  mounting: Promise<unknown>,
  { signal }: { readonly signal: AbortSignal },
): void {
  const { provider } = context.components;
  const { initContainers, containers } = context.manifest.current.spec;
  if (!canPrepare(provider) || initContainers.length > 0) return;
  for (const spec of containers) {
    const life = context.containers.get(spec.name);
    if (life === undefined || life.record.hasRun || needsContent(spec)) continue;
    life.startAhead(start(life, provider, mounting, signal));
  }
}

function needsContent({ volumeMounts, env }: PodContainer): boolean {
  return (
    volumeMounts.some(({ subPath, subPathExpr }) => subPath !== '' || subPathExpr !== '') ||
    env.some(({ valueFrom }) => valueFrom?.fileKeyRef !== undefined)
  );
}

async function start(
  { pod, spec, record, firstImage: image }: ContainerLife,
  provider: PreparingProvider,
  mounting: Promise<unknown>,
  signal: AbortSignal,
): Promise<Container> {
  if (image === undefined) throw new Error(`the image of container "${spec.name}" is not here yet`);
  let isMounted = false;
  mounting.then(
    () => {
      isMounted = true;
    },
    () => undefined, // told by whoever mounts them
  );
  const volumes = await pod.volumes.places();
  const attempt = record.nextAttempt;
  const config = await containerConfig(pod, spec, { attempt, image, volumes }, { signal });
  signal.throwIfAborted();
  // Not to be cut short otherwise than by the volumes: its guest may run once they are there.
  return await (isMounted ? provider.start(config) : provider.startWhen(mounting, config));
}
