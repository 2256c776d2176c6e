import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import type { Kubectl } from './kubectl.ts';

/** Starts kubectl in a pseudo-terminal of its own, which util-linux' `script` makes. */
export function inTerminal(
  kubectl: Kubectl,
  args: readonly string[],
): ChildProcessWithoutNullStreams {
  const { command, env } = kubectl.invocation(args);
  const line = command.map((word) => `'${word}'`).join(' ');
  return spawn('script', ['--quiet', '--return', '--command', line, '/dev/null'], { env });
}
