import { exitCodes, type KrustletExitCode } from './exit-codes.ts';

/** Something the user can mend; its message is all they need, and it decides the exit code. */
export class UserError extends Error {
  override readonly name = 'UserError';
  readonly exitCode: KrustletExitCode;

  constructor(
    message: string,
    init: { readonly exitCode?: KrustletExitCode; readonly cause?: unknown } = {},
  ) {
    super(message, { cause: init.cause });
    this.exitCode = init.exitCode ?? exitCodes.krustletFailed;
  }
}
