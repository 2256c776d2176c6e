import type { LimitsSpec } from '../container-spec.ts';
import type { CgroupHierarchy } from './cgroup.ts';
import { ContainerResources } from './container-resources.ts';

/** Applies containers' limits with what this machine has. */
export class ResourceLimits {
  readonly #cgroups: CgroupHierarchy | undefined;

  /** Without a hierarchy, a CPU limit goes by duty cycle and memory by the guest's own limit. */
  constructor(cgroups: CgroupHierarchy | undefined) {
    this.#cgroups = cgroups;
  }

  /** Makes what a container that is to be started needs; no cgroup where it has no limit. */
  create(id: string, limits: LimitsSpec): ContainerResources {
    const limited = Object.values(limits).some((limit) => limit !== undefined);
    const cgroup = limited ? this.#cgroups?.create(id, limits) : undefined;
    return new ContainerResources(cgroup, this.#cpuLeft(limits));
  }

  /** Finds what an earlier life of this process made. */
  open(id: string, limits: LimitsSpec): ContainerResources {
    return new ContainerResources(this.#cgroups?.open(id), this.#cpuLeft(limits));
  }

  #cpuLeft({ cpuMillis }: LimitsSpec): number | undefined {
    return this.#cgroups?.controllers.includes('cpu') ? undefined : cpuMillis;
  }
}
