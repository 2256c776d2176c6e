import type { ContainerUsage, PressureTexts } from '../provider.ts';

/** What the node and its pods use, measured at one time. */
export interface NodeStats {
  readonly at: Date;
  readonly nodeName: string;
  readonly startedAt: Date;
  readonly cpu: CpuStats;
  readonly memory: MachineMemory;
  readonly pressure: PressureTexts;
  /** The file system that pods' volumes and logs lie on. */
  readonly nodeFilesystem: FilesystemUsage;
  /** The one that images lie on. */
  readonly imageFilesystem: FilesystemUsage;
  readonly pods: readonly PodStats[];
}

export interface PodStats {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly startedAt: Date;
  readonly containers: readonly ContainerStats[];
  readonly volumes: readonly VolumeStats[];
}

export interface ContainerStats {
  readonly name: string;
  readonly id: string;
  readonly image: string;
  readonly startedAt: Date;
  readonly usage: ContainerUsage;
  /** CPU used per second of late, in nanoseconds; `undefined` until there are two measurements. */
  readonly cpuNanosPerSecond: number | undefined;
  readonly logBytes: number;
  readonly memoryLimitBytes: number | undefined;
  readonly cpuLimitMillis: number | undefined;
}

export interface VolumeStats {
  readonly name: string;
  readonly usedBytes: number;
  readonly inodes: number;
  readonly filesystem: FilesystemUsage;
}

export interface CpuStats {
  /** CPU time used since boot, in nanoseconds. */
  readonly usedNanos: bigint;
  readonly nanosPerSecond: number | undefined;
  readonly cores: number;
}

export interface MachineMemory {
  readonly totalBytes: number;
  readonly availableBytes: number;
  /** What cannot be taken back under pressure. */
  readonly workingSetBytes: number;
  readonly rssBytes: number;
}

export interface FilesystemUsage {
  readonly capacityBytes: number;
  readonly availableBytes: number;
  readonly usedBytes: number;
  readonly inodes: number;
  readonly inodesFree: number;
}
