import { setTimeout as sleep } from 'node:timers/promises';
import type { Zygote } from './zygote.ts';
import type { ZygoteConfig } from './zygote-config.ts';
import type { ZygoteServer } from './zygote-server.ts';

const lookEvery = 1_000;

/**
 * Resolves when the zygote may end. One that has forked often or has grown retires: it starts no
 * more containers, but stays as the parent of those it has until the last has ended.
 */
export async function zygoteLife(
  { zygote, server }: { readonly zygote: Zygote; readonly server: ZygoteServer },
  config: Pick<ZygoteConfig, 'idleTimeout' | 'maxForks' | 'maxResidentBytes'>,
): Promise<void> {
  const { idleTimeout, maxForks, maxResidentBytes } = config;
  let idleSince = performance.now();
  for (;;) {
    await sleep(lookEvery);
    const old = zygote.forks >= maxForks || process.memoryUsage.rss() >= maxResidentBytes;
    if (old) server.retire();
    if (zygote.containers > 0 || server.callers > 0) idleSince = performance.now();
    else if (old || performance.now() - idleSince >= idleTimeout) return;
  }
}
