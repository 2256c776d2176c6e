const runtimeErrorCodes = [
  /** A container of this id is on this machine already. */
  'AlreadyExists',
  /** The container could not be started; nothing of it is left. */
  'StartFailed',
  /** The container has ended, or has not, where the call needs the opposite. */
  'WrongState',
  /** The container's stdin is closed. */
  'StdinClosed',
  /** A program beside the container cannot be started: there is no such command. */
  'CommandNotFound',
] as const;
export type RuntimeErrorCode = (typeof runtimeErrorCodes)[number];

/** A call to the runtime that was refused or did not succeed. */
export class RuntimeError extends Error {
  override readonly name = 'RuntimeError';
  readonly code: RuntimeErrorCode;

  constructor(code: RuntimeErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** Whether a call of the operating system failed with this code, such as `ENOENT`. */
export function hasErrorCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}
