import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { LimitsSpec } from '../container-spec.ts';
import { hasErrorCode } from '../errors.ts';
import type {
  Cgroup,
  CgroupController,
  CgroupHierarchy,
  CgroupPressure,
  CgroupUsage,
} from './cgroup.ts';
import { readKey, readNumber, removeCgroup, writeSetting } from './cgroup-files.ts';

/** The period in which `cpu.max` counts, in microseconds: the kernel's default. */
const period = 100_000;

/**
 * The unified hierarchy: one directory a container, below a directory of our own that hands its
 * controllers on.
 *
 * https://docs.kernel.org/admin-guide/cgroup-v2.html
 */
export class CgroupV2Hierarchy implements CgroupHierarchy {
  readonly version = 2;
  readonly controllers: readonly CgroupController[];
  readonly roots: readonly string[];
  readonly #root: string;

  /** `root` exists, and `controllers` are enabled in its `cgroup.subtree_control`. */
  constructor(root: string, controllers: readonly CgroupController[]) {
    this.#root = root;
    this.roots = [root];
    this.controllers = controllers;
  }

  create(id: string, limits: LimitsSpec): Cgroup {
    const directory = path.join(this.#root, id);
    mkdirSync(directory, { recursive: true });
    if (limits.memoryBytes !== undefined && this.controllers.includes('memory')) {
      writeSetting(directory, 'memory.max', limits.memoryBytes);
      if (existsSync(path.join(directory, 'memory.swap.max'))) {
        writeSetting(directory, 'memory.swap.max', 0);
      }
      writeSetting(directory, 'memory.oom.group', 1);
    }
    if (limits.cpuMillis !== undefined && this.controllers.includes('cpu')) {
      const quota = Math.max(1_000, Math.round((limits.cpuMillis * period) / 1_000));
      writeSetting(directory, 'cpu.max', `${quota} ${period}`);
    }
    if (limits.pids !== undefined && this.controllers.includes('pids')) {
      writeSetting(directory, 'pids.max', limits.pids);
    }
    return new CgroupV2(directory, this.controllers);
  }

  open(id: string): Cgroup | undefined {
    const directory = path.join(this.#root, id);
    return existsSync(directory) ? new CgroupV2(directory, this.controllers) : undefined;
  }
}

class CgroupV2 implements Cgroup {
  readonly directories: readonly string[];
  readonly #directory: string;
  readonly #controllers: readonly CgroupController[];

  constructor(directory: string, controllers: readonly CgroupController[]) {
    this.#directory = directory;
    this.directories = [directory];
    this.#controllers = controllers;
  }

  oomKills(): number {
    if (!this.#controllers.includes('memory')) return 0;
    return Number(readKey(this.#directory, 'memory.events', 'oom_kill'));
  }

  usage(): CgroupUsage {
    return {
      cpuNanos: readKey(this.#directory, 'cpu.stat', 'usage_usec') * 1_000n,
      ...(this.#controllers.includes('memory') && { memory: this.#memory() }),
      processes:
        readFileSync(path.join(this.#directory, 'cgroup.procs'), 'utf8').split('\n').length - 1,
      pressure: {
        ...this.#pressure('cpu'),
        ...this.#pressure('memory'),
        ...this.#pressure('io'),
      },
    };
  }

  #memory(): NonNullable<CgroupUsage['memory']> {
    const usageBytes = readNumber(this.#directory, 'memory.current');
    const inactive = Number(readKey(this.#directory, 'memory.stat', 'inactive_file'));
    return {
      usageBytes,
      workingSetBytes: Math.max(0, usageBytes - inactive),
      rssBytes: Number(readKey(this.#directory, 'memory.stat', 'anon')),
    };
  }

  /** Nothing where the kernel was built or started without it. */
  #pressure(resource: keyof CgroupPressure): CgroupPressure {
    try {
      const file = path.join(this.#directory, `${resource}.pressure`);
      return { [resource]: readFileSync(file, 'latin1') };
    } catch (error) {
      if (hasErrorCode(error, 'ENOENT', 'EOPNOTSUPP')) return {};
      throw error;
    }
  }

  remove(): void {
    removeCgroup(this.#directory);
  }
}
