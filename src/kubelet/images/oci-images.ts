import type { OciErrorCode } from '../../oci/errors.ts';
import { describeError, isOciError } from '../../oci/errors.ts';
import type { PullProgress } from '../../oci/pull/pull-progress.ts';
import type { PulledImage } from '../../oci/pull/pulled-image.ts';
import type { Puller } from '../../oci/pull/puller.ts';
import { ImageError, type ImageErrorCode } from './image-error.ts';
import type {
  ImageRequest,
  ImageSource,
  ImageVolumeRequest,
  PresentImage,
} from './image-source.ts';
import type { UnpackedImages } from './unpacked-images.ts';

export interface OciImagesComponents {
  readonly puller: Puller;
  /** For image volumes; without it there are none. */
  readonly unpacked?: UnpackedImages;
  /** Hears how pulls go on. */
  readonly onProgress?: (reference: string, event: PullProgress) => void;
}

/** Gets images from registries into the store of this machine. */
export class OciImages implements ImageSource {
  readonly #components: OciImagesComponents;

  constructor(components: OciImagesComponents) {
    this.#components = components;
  }

  async image(reference: string, request: ImageRequest): Promise<PresentImage> {
    const pulled = await this.#pull(reference, 'module', request);
    const { modulePath, preparedPath, digest, config, size } = pulled;
    if (modulePath === undefined) {
      throw new ImageError('ImageInspectError', `image "${reference}" holds no module`);
    }
    const { entrypoint, cmd, env, workingDir, user } = config;
    return {
      reference,
      digest,
      path: modulePath,
      ...(preparedPath === undefined ? {} : { preparedPath }),
      entrypoint,
      cmd,
      env,
      size,
      ...(workingDir === undefined ? {} : { workingDir }),
      ...(user === undefined ? {} : { user }),
    };
  }

  async directory(reference: string, request: ImageVolumeRequest): Promise<string> {
    const { unpacked } = this.#components;
    if (unpacked === undefined) {
      throw new ImageError('ImageInspectError', `"${reference}": image volumes are off here`);
    }
    const { record } = await this.#pull(reference, 'filesystem', request);
    const { volume, signal } = request;
    return await unpacked.directoryOf(record, volume, { signal });
  }

  async #pull(
    reference: string,
    content: 'module' | 'filesystem',
    { policy, credentials, onPull, signal }: ImageRequest,
  ): Promise<PulledImage> {
    const { puller, onProgress } = this.#components;
    const progress = (event: PullProgress) => {
      if (event.kind === 'resolving') onPull?.();
      onProgress?.(reference, event);
    };
    try {
      return await puller.pull(reference, {
        content,
        credentials,
        progress,
        signal,
        ...(policy && { policy }),
      });
    } catch (error) {
      if (!isOciError(error)) throw error;
      throw new ImageError(reasonOf(error.code), describeError(error), { cause: error });
    }
  }
}

function reasonOf(code: OciErrorCode): ImageErrorCode {
  if (code === 'InvalidReference') return 'InvalidImageName';
  if (code === 'NeverPull') return 'ErrImageNeverPull';
  return code === 'RegistryUnavailable' ? 'RegistryUnavailable' : 'ErrImagePull';
}
