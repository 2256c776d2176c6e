import { writeFileSync } from 'node:fs';
import path from 'node:path';

const thisProcess = '0';

/** Moves the calling process into each of the cgroups. @throws where one cannot be written */
export function joinCgroups(cgroups: readonly string[]): void {
  for (const cgroup of cgroups) {
    try {
      writeFileSync(path.join(cgroup, 'cgroup.procs'), thisProcess);
    } catch (error) {
      throw new Error(`Cannot join cgroup '${cgroup}'`, { cause: error });
    }
  }
}
