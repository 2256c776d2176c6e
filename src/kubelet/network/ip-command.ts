import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { AbortOptions } from '../provider.ts';

const run = promisify(execFile);

/** Why this machine's addresses and routes cannot be changed. */
export class LocalNetworkError extends Error {
  override readonly name = 'LocalNetworkError';
}

/**
 * Runs `ip` of iproute2 for a family of addresses.
 *
 * @throws {LocalNetworkError} with what it said, where the machine does not let us or has no `ip`
 */
export async function ip(
  family: 4 | 6,
  args: readonly string[],
  options: AbortOptions = {},
): Promise<void> {
  const all = [`-${family}`, ...args];
  try {
    await run('ip', all, options);
  } catch (cause) {
    const detail = cause instanceof Error && 'stderr' in cause ? String(cause.stderr).trim() : '';
    throw new LocalNetworkError(`\`ip ${all.join(' ')}\` failed: ${detail || String(cause)}`, {
      cause,
    });
  }
}
