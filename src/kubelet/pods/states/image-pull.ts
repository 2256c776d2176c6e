import type { State, StateOptions } from '../../../krator/states/state.ts';
import type { FailedPull } from '../../containers/back-off-pulling.ts';
import type { ContainerLife } from '../../containers/container-life.ts';
import { ImageError } from '../../images/image-error.ts';
import type { PodContext } from '../pod-context.ts';
import { ImagePullBackOff } from './image-pull-back-off.ts';
import { VolumeMount } from './volume-mount.ts';

/** The images of all containers that were never started are pulled. */
export class ImagePull implements State<PodContext> {
  readonly name = 'ImagePull';

  async next(
    context: PodContext,
    { signal }: StateOptions,
  ): Promise<VolumeMount | ImagePullBackOff> {
    const waiting = [...context.containers.values()].filter(({ record }) => !record.hasRun);
    const inner = context.working(signal);
    const failed = await Promise.all(waiting.map((life) => pull(context, life, inner)));
    inner.throwIfAborted();
    const pulls = failed.flatMap((pull) => pull ?? []);
    return pulls.length === 0 ? new VolumeMount() : new ImagePullBackOff(pulls);
  }
}

async function pull(
  { components, manifest }: PodContext,
  life: ContainerLife,
  signal: AbortSignal,
): Promise<FailedPull | undefined> {
  try {
    life.firstImage = await components.images.image(manifest.current, life.spec, { signal });
    return undefined;
  } catch (error) {
    if (error instanceof ImageError) return { life, error };
    throw error;
  }
}
