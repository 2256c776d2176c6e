import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { AbortOptions } from '../provider.ts';
import { AddressRange } from './address-range.ts';

const run = promisify(execFile);

/** Why a range of addresses cannot be made this machine's own. */
export class LocalRouteError extends Error {
  override readonly name = 'LocalRouteError';
}

/**
 * Makes every address of a range this machine's own (AnyIP): whatever arrives for one of them is
 * taken in, and sockets may be bound to it. Does nothing where that is so already.
 *
 * @throws {LocalRouteError} where the machine does not let us, or has no `ip`
 */
export async function addLocalRoute(cidr: string, options: AbortOptions = {}): Promise<void> {
  await route('replace', cidr, options);
}

/** Takes `addLocalRoute` back; does nothing where there is no such route. */
export async function removeLocalRoute(cidr: string, options: AbortOptions = {}): Promise<void> {
  try {
    await route('del', cidr, options);
  } catch (error) {
    if (!/No such process/.test(String(error))) throw error;
  }
}

async function route(action: 'replace' | 'del', cidr: string, options: AbortOptions) {
  const family = `-${new AddressRange(cidr).family}`;
  try {
    await run('ip', [family, 'route', action, 'local', cidr, 'dev', 'lo'], options);
  } catch (cause) {
    const detail = cause instanceof Error && 'stderr' in cause ? String(cause.stderr).trim() : '';
    throw new LocalRouteError(
      `make ${cidr} local: \`ip route ${action} local ${cidr} dev lo\` failed: ${detail || String(cause)}`,
      { cause },
    );
  }
}
