import { existsSync } from 'node:fs';
import path from 'node:path';
import { readKey } from './cgroup-files.ts';

/** Whether the kernel has killed a process of these cgroups because their memory was used up. */
export function wasOutOfMemory(cgroups: readonly string[]): boolean {
  return cgroups.some((directory) =>
    ['memory.events', 'memory.oom_control'].some(
      (file) => existsSync(path.join(directory, file)) && readKey(directory, file, 'oom_kill') > 0n,
    ),
  );
}
