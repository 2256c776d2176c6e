/** What went wrong, for callers that act on it. */
export type OciErrorCode =
  /** A reference, configuration or setting that cannot be understood. */
  | 'InvalidReference'
  | 'InvalidConfiguration'
  /** The registry has no such image, or says so to those who may not see it. */
  | 'NotFound'
  /** The registry, or the record of who pulled the image, refuses these credentials. */
  | 'Unauthorized'
  /** No endpoint answered, or all answered with failures that may pass. */
  | 'RegistryUnavailable'
  /** An answer that breaks the protocol. */
  | 'InvalidResponse'
  | 'DigestMismatch'
  | 'TooLarge'
  /** An image that holds nothing this client can run or unpack. */
  | 'UnsupportedImage'
  | 'InvalidModule'
  | 'DiskFull'
  /** The pull policy forbids pulling, and the image is not here. */
  | 'NeverPull'
  | 'LocalModulesRefused';

/** An image that could not be named, pulled, pushed or stored. */
export class OciError extends Error {
  override readonly name = 'OciError';
  readonly code: OciErrorCode;

  constructor(code: OciErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Whether the error is an `OciError` with one of the codes. */
export function isOciError(error: unknown, ...codes: readonly OciErrorCode[]): error is OciError {
  return error instanceof OciError && (codes.length === 0 || codes.includes(error.code));
}

/** The message of whatever was thrown, with the innermost cause, which names the real trouble. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (!(cause instanceof Error) || error.message.includes(cause.message)) return textOf(error);
  return `${textOf(error)}: ${describeError(cause)}`;
}

function textOf(error: Error): string {
  return error.message || ('code' in error ? String(error.code) : error.name);
}
