/**
 * A volume that cannot be made now. Shown in a FailedMount event and tried again, since what is
 * missing may come.
 */
export class VolumeError extends Error {
  override readonly name = 'VolumeError';
  readonly code = 'FailedMount';
}
