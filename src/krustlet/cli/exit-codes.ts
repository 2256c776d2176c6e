/**
 * Exit codes of krustlet's own, as docker has them. Any other code of `run` and `exec` is the
 * guest's: what it passed to `proc_exit`, 134 for a trap, 128 + n where signal n ended it.
 */
export const exitCodes = {
  ok: 0,
  /** Krustlet itself failed: wrong usage, no such container, a machine that lacks something. */
  krustletFailed: 125,
  /** What should run was found but cannot be run: not WebAssembly, truncated, no `_start`. */
  cannotRun: 126,
  /** What should run was not found: no such file, image or built-in command. */
  notFound: 127,
} as const;

export type KrustletExitCode = (typeof exitCodes)[keyof typeof exitCodes];
