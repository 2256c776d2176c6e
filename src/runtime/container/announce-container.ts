import { readFileSync } from 'node:fs';
import type { ContainerSpec } from '../container-spec.ts';
import { parseContainerSpec } from '../parse-container-spec.ts';
import { bootId, type ProcessIdentity, startTimeOf } from '../process/process-identity.ts';
import { containerFiles } from '../state/container-directory.ts';
import { createProcessRecord } from '../state/process-record.ts';
import { joinCgroups } from './join-cgroups.ts';
import { takeOomOrder } from './oom-order.ts';

export interface AnnouncementInit {
  readonly directory: string;
  readonly cgroups: readonly string[];
  /** Who the container will be: the caller, or a child of its that waits for the answer. */
  readonly pid: number;
}

/**
 * Makes a process known as the container's, before it does anything that would need an end, and
 * puts it where it will be held: its cgroups, the kernel's OOM order.
 *
 * @throws where the container was started or given up before
 */
export function announceContainer({ directory, cgroups, pid }: AnnouncementInit): ProcessIdentity {
  const identity = identify(pid);
  claimContainer(directory, identity);
  holdContainer(cgroups, pid);
  return identity;
}

/** Who a process is for good. @throws where there is none of this pid */
export function identify(pid: number): ProcessIdentity {
  const startTime = startTimeOf(pid);
  if (startTime === undefined) throw new Error(`Cannot read '/proc/${pid}/stat': not there`);
  return { pid, startTime };
}

/**
 * Makes a process known as the container's: from then on a guest may run in it.
 *
 * @throws where the container was started or given up before
 */
export function claimContainer(directory: string, identity: ProcessIdentity): void {
  const boot = bootId();
  const startedAt = new Date();
  const record = { kind: 'process', ...identity, ...(boot && { boot }), startedAt } as const;
  if (createProcessRecord(directory, record)) return;
  throw new Error(`Cannot start the container of '${directory}': it was started or given up`);
}

/** Puts a process where its container is held: its cgroups, the kernel's OOM order. */
export function holdContainer(cgroups: readonly string[], pid: number): void {
  joinCgroups(cgroups, pid);
  takeOomOrder(pid);
}

/** Reads the spec from its file, which the runtime wrote. */
export function readContainerSpec(directory: string): ContainerSpec {
  return parseContainerSpec(JSON.parse(readFileSync(containerFiles(directory).spec, 'utf8')));
}
