import { writeFileSync } from 'node:fs';
import path from 'node:path';

/** Moves a process into each of the cgroups. @throws where one cannot be written */
export function joinCgroups(cgroups: readonly string[], pid: number): void {
  for (const cgroup of cgroups) {
    try {
      writeFileSync(path.join(cgroup, 'cgroup.procs'), `${pid}`);
    } catch (error) {
      throw new Error(`Cannot join cgroup '${cgroup}'`, { cause: error });
    }
  }
}
