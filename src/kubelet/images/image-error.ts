/** Why an image cannot be had; the codes are the reasons that Kubernetes shows. */
const imageErrorCodes = [
  'ErrImagePull',
  'ErrImageNeverPull',
  'InvalidImageName',
  'ImageInspectError',
  'RegistryUnavailable',
] as const;
export type ImageErrorCode = (typeof imageErrorCodes)[number];

/** An image that cannot be had now. */
export class ImageError extends Error {
  override readonly name = 'ImageError';
  readonly code: ImageErrorCode;

  constructor(code: ImageErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
