import type { AbortOptions } from '../../kubernetes/abort-options.ts';
import { type CredentialSource, combineCredentials } from '../../oci/credentials/credential.ts';
import type { ObjectReader } from '../object-reader.ts';
import type { EventSink } from '../pods/pod-ports.ts';
import type { PodContainer } from '../pods/schema/container.ts';
import type { Pod } from '../pods/schema/pod.ts';
import { goDuration } from '../pods/status/go-duration.ts';
import type { ImageVolumes } from '../volumes/volume-context.ts';
import type { ImageRequest, ImageSource, PresentImage } from './image-source.ts';
import { pullCredentials } from './pull-credentials.ts';

export interface PodImagesComponents {
  readonly source: ImageSource;
  readonly objects: ObjectReader;
  readonly events: EventSink;
  /** The node's own credentials, tried after those of the pod. @default none */
  readonly credentials?: CredentialSource;
  /** Milliseconds since the epoch. */
  now(): number;
}

type ImageUse = Pick<PodContainer, 'image' | 'imagePullPolicy'> & { readonly name?: string };

/** Gets pods their images, by their policies and with their own credentials, and tells of it. */
export class PodImages implements ImageVolumes {
  readonly #components: PodImagesComponents;

  constructor(components: PodImagesComponents) {
    this.#components = components;
  }

  /**
   * Makes sure that a container's image is on this machine.
   *
   * @throws {ImageError}
   */
  image(pod: Pod, use: ImageUse, options: AbortOptions = {}): Promise<PresentImage> {
    const get = (source: ImageSource, request: ImageRequest) => source.image(use.image, request);
    return this.#get(pod, use, options, get, ({ size }) => size);
  }

  /** As `image`, for an image volume. */
  directory(
    pod: Pod,
    use: ImageUse,
    { volume, ...options }: Parameters<ImageVolumes['directory']>[2],
  ): Promise<string> {
    return this.#get(pod, use, options, (source, request) =>
      source.directory(use.image, { ...request, volume }),
    );
  }

  async #get<T>(
    pod: Pod,
    use: ImageUse,
    { signal }: AbortOptions,
    get: (source: ImageSource, request: ImageRequest) => Promise<T>,
    sizeOf: (got: T) => number | undefined = () => undefined,
  ): Promise<T> {
    const { source, objects, now, credentials: ofNode } = this.#components;
    const { credentials: ofPod, missing } = await pullCredentials(pod, objects, { signal });
    this.#reportMissing(pod, missing);
    const credentials = ofNode ? combineCredentials(ofPod, ofNode) : ofPod;
    const startedAt = now();
    let isPulling = false;
    const onPull = () => {
      isPulling = true;
      this.#tell(pod, use, 'Pulling', `Pulling image "${use.image}"`);
    };
    const policy = use.imagePullPolicy;
    const request = { credentials, onPull, signal, ...(policy && { policy }) };
    const image = await get(source, request);
    const message = isPulling
      ? pulledMessage(use.image, now() - startedAt, sizeOf(image))
      : `Container image "${use.image}" already present on machine and can be accessed by the pod`;
    this.#tell(pod, use, 'Pulled', message);
    return image;
  }

  #reportMissing(pod: Pod, missing: readonly string[]): void {
    if (missing.length === 0) return;
    const message = `Unable to retrieve some image pull secrets (${missing.join(', ')}); attempting to pull the image may not succeed.`;
    this.#components.events.record({
      pod,
      type: 'Warning',
      reason: 'FailedToRetrieveImagePullSecret',
      message,
    });
  }

  #tell(pod: Pod, { name }: ImageUse, reason: string, message: string): void {
    const container = name === undefined ? {} : { container: name };
    this.#components.events.record({ pod, type: 'Normal', reason, message, ...container });
  }
}

/** Pulls wait for their turn within the time that they take, so both times are one. */
function pulledMessage(image: string, milliseconds: number, size: number | undefined): string {
  const took = goDuration(milliseconds);
  const what = `Successfully pulled image "${image}" in ${took} (${took} including waiting).`;
  return size === undefined ? what : `${what} Image size: ${size} bytes.`;
}
