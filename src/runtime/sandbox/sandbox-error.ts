import { getSystemErrorName } from 'node:util';

/** A step towards the sandbox that the kernel refused. */
export class SandboxError extends Error {
  override readonly name = 'SandboxError';
  /** Whether the machine lacks the part, so that a `best-effort` sandbox may go without it. */
  readonly unavailable: boolean;

  constructor(message: string, unavailable = false) {
    super(message);
    this.unavailable = unavailable;
  }
}

/** Passes on the result of a system call. @throws {SandboxError} where it is a negated errno */
export function must(step: string, result: number): number {
  if (result < 0) throw new SandboxError(`Cannot ${step}: ${getSystemErrorName(result)}`);
  return result;
}
