import type { LimitsSpec } from '../container-spec.ts';

/** A way to limit and count what a container's processes use: cgroup v1 or v2. */
export interface CgroupHierarchy {
  readonly version: 1 | 2;
  /** The directories that containers' cgroups are made in. */
  readonly roots: readonly string[];
  /** The limits that can be set here. */
  readonly controllers: readonly CgroupController[];
  /** Makes the container's cgroup with its limits; those without a controller are left out. */
  create(id: string, limits: LimitsSpec): Cgroup;
  /** The container's cgroup as an earlier life of this process made it, if it did. */
  open(id: string): Cgroup | undefined;
}

export type CgroupController = 'cpu' | 'memory' | 'pids';

/** The cgroup of one container. */
export interface Cgroup {
  /** Where a process joins: one directory for v2, one a controller for v1. */
  readonly directories: readonly string[];
  /** How many processes the kernel has killed because the memory limit was reached. */
  oomKills(): number;
  /** What the processes use now; a part is missing where its controller is. */
  usage(): CgroupUsage;
  /** Removes the cgroup; it must have no process left. Idempotent. */
  remove(): void;
}

export interface CgroupUsage {
  readonly cpuNanos?: bigint;
  readonly memory?: {
    readonly usageBytes: number;
    /** Usage without the file pages that the kernel can drop at once. */
    readonly workingSetBytes: number;
    readonly rssBytes: number;
  };
  readonly processes?: number;
  readonly pressure?: CgroupPressure;
}

/**
 * How the processes waited for each resource, in the kernel's words.
 *
 * https://docs.kernel.org/accounting/psi.html
 */
export type CgroupPressure = Partial<Record<'cpu' | 'memory' | 'io', string>>;
