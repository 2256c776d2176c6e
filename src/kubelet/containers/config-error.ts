/**
 * A container's configuration that cannot be made now: something it refers to is missing or
 * wrong. Shown as CreateContainerConfigError and tried again, since what is missing may come.
 */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly code = 'CreateContainerConfigError';
}
