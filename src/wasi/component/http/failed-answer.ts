import type { ErrorCode } from './error-code.ts';

/** A request that its handler did not answer, though it returned. */
export class FailedAnswer extends Error {
  override readonly name = 'FailedAnswer';
  readonly code = 'FailedAnswer';

  /** The handler gave an error in place of a response. */
  static error(code: ErrorCode): FailedAnswer {
    return new FailedAnswer(`The guest answered with an error: ${described(code)}`);
  }
}

function described(code: ErrorCode): string {
  if (!('value' in code) || code.value === undefined) return code.kind;
  // As JSON, what a guest says stays within its line.
  return `${code.kind} ${JSON.stringify(code.value, (_, it) => (typeof it === 'bigint' ? Number(it) : it))}`;
}
