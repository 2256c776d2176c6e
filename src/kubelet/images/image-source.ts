import type { AbortOptions } from '../../kubernetes/abort-options.ts';
import type { CredentialSource } from '../../oci/credentials/credential.ts';
import type { PullPolicy } from '../../oci/pull-policy.ts';
import type { ContainerImage } from '../provider.ts';

/** What goes with the wish for an image. */
export interface ImageRequest extends AbortOptions {
  /** @default by the tag, as Kubernetes does it */
  readonly policy?: PullPolicy;
  /** What the pod may use; an image that is here already is given only to who could pull it. */
  readonly credentials: CredentialSource;
  /** Called when a registry is about to be asked. */
  readonly onPull?: () => void;
}

export interface ImageVolumeRequest extends ImageRequest {
  /** The volume's directory among those of the pod: as long as it is there, the image's files stay. */
  readonly volume: string;
}

/** An image that is on this machine now. */
export interface PresentImage extends ContainerImage {
  /** Bytes of all its content. */
  readonly size: number;
}

/** Where images come from. */
export interface ImageSource {
  /**
   * Makes sure that an image is on this machine. Several calls for one image share the work.
   *
   * @throws {ImageError}
   */
  image(reference: string, request: ImageRequest): Promise<PresentImage>;

  /**
   * As `image`, for the directory that an image's files are unpacked in.
   *
   * @throws {ImageError}
   */
  directory(reference: string, request: ImageVolumeRequest): Promise<string>;
}
