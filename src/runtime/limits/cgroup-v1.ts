import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { LimitsSpec } from '../container-spec.ts';
import type { Cgroup, CgroupController, CgroupHierarchy, CgroupUsage } from './cgroup.ts';
import { readKey, readNumber, removeCgroup, writeSetting } from './cgroup-files.ts';

/** The period in which the CPU quota counts, in microseconds: the kernel's default. */
const period = 100_000;

/** Where each controller's hierarchy lets us make cgroups. */
export type CgroupV1Roots = Readonly<Partial<Record<CgroupController | 'cpuacct', string>>>;

/**
 * The legacy hierarchies: one directory a controller and container, each below a directory of our
 * own. Only controllers that a limit needs are joined.
 *
 * https://docs.kernel.org/admin-guide/cgroup-v1/index.html
 */
export class CgroupV1Hierarchy implements CgroupHierarchy {
  readonly version = 1;
  readonly controllers: readonly CgroupController[];
  readonly roots: readonly string[];
  readonly #roots: CgroupV1Roots;

  constructor(roots: CgroupV1Roots) {
    this.#roots = roots;
    this.roots = [...new Set(Object.values(roots))];
    this.controllers = (['cpu', 'memory', 'pids'] as const).filter((name) => name in roots);
  }

  create(id: string, limits: LimitsSpec): Cgroup {
    const { memoryBytes, cpuMillis, pids } = limits;
    const cgroup = new CgroupV1({
      ...this.#join('cpuacct', id, true),
      ...this.#join('memory', id, memoryBytes !== undefined),
      ...this.#join('cpu', id, cpuMillis !== undefined),
      ...this.#join('pids', id, pids !== undefined),
    });
    for (const directory of cgroup.directories) mkdirSync(directory, { recursive: true });
    cgroup.limit(limits);
    return cgroup;
  }

  open(id: string): Cgroup | undefined {
    const controllers = ['cpuacct', 'memory', 'cpu', 'pids'] as const;
    const found: CgroupV1Roots = Object.assign(
      {},
      ...controllers.map((name) => this.#join(name, id, true)),
    );
    const existing = Object.entries(found).filter(([, directory]) => existsSync(directory));
    return existing.length > 0 ? new CgroupV1(Object.fromEntries(existing)) : undefined;
  }

  #join(controller: keyof CgroupV1Roots, id: string, wanted: boolean): CgroupV1Roots {
    const root = this.#roots[controller];
    return wanted && root !== undefined ? { [controller]: path.join(root, id) } : {};
  }
}

class CgroupV1 implements Cgroup {
  readonly directories: readonly string[];
  readonly #by: CgroupV1Roots;

  constructor(by: CgroupV1Roots) {
    this.#by = by;
    this.directories = [...new Set(Object.values(by))];
  }

  limit({ memoryBytes, cpuMillis, pids }: LimitsSpec): void {
    if (this.#by.memory !== undefined && memoryBytes !== undefined) {
      writeSetting(this.#by.memory, 'memory.limit_in_bytes', memoryBytes);
    }
    if (this.#by.cpu !== undefined && cpuMillis !== undefined) {
      const quota = Math.max(1_000, Math.round((cpuMillis * period) / 1_000));
      writeSetting(this.#by.cpu, 'cpu.cfs_period_us', period);
      writeSetting(this.#by.cpu, 'cpu.cfs_quota_us', quota);
    }
    if (this.#by.pids !== undefined && pids !== undefined) {
      writeSetting(this.#by.pids, 'pids.max', pids);
    }
  }

  oomKills(): number {
    if (this.#by.memory === undefined) return 0;
    return Number(readKey(this.#by.memory, 'memory.oom_control', 'oom_kill'));
  }

  usage(): CgroupUsage {
    const [directory] = this.directories;
    return {
      ...(this.#by.cpuacct !== undefined && {
        cpuNanos: BigInt(readNumber(this.#by.cpuacct, 'cpuacct.usage')),
      }),
      ...(this.#by.memory !== undefined && { memory: memoryUsage(this.#by.memory) }),
      ...(directory !== undefined && { processes: processCount(directory) }),
    };
  }

  remove(): void {
    for (const directory of this.directories) removeCgroup(directory);
  }
}

function memoryUsage(directory: string): NonNullable<CgroupUsage['memory']> {
  const usageBytes = readNumber(directory, 'memory.usage_in_bytes');
  const inactive = Number(readKey(directory, 'memory.stat', 'total_inactive_file'));
  return {
    usageBytes,
    workingSetBytes: Math.max(0, usageBytes - inactive),
    rssBytes: Number(readKey(directory, 'memory.stat', 'total_rss')),
  };
}

function processCount(directory: string): number {
  return readFileSync(path.join(directory, 'cgroup.procs'), 'utf8').split('\n').length - 1;
}
