import type { AbortOptions } from '../../kubernetes/abort-options.ts';
import type { ImageSource } from '../pods/schema/volume.ts';
import type { MountedVolume } from './mounted-volume.ts';
import type { VolumeContext } from './volume-context.ts';

/** Mounts the files of an image; nobody may write to them. */
export async function mountImage(
  { pod, images, directory: volume }: VolumeContext,
  { reference, pullPolicy }: ImageSource,
  options: AbortOptions = {},
): Promise<MountedVolume> {
  const image = {
    image: reference,
    ...(pullPolicy === undefined ? {} : { imagePullPolicy: pullPolicy }),
  };
  const directory = await images.directory(pod, image, { ...options, volume });
  return { path: directory, readOnly: true };
}
