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
export function announceContainer(init: AnnouncementInit): ProcessIdentity {
  const { directory, cgroups, pid } = init;
  const identity = claim(directory, pid);
  joinCgroups(cgroups, pid);
  takeOomOrder(pid);
  return identity;
}

function claim(directory: string, pid: number): ProcessIdentity {
  const startTime = startTimeOf(pid);
  if (startTime === undefined) throw new Error(`Cannot read '/proc/${pid}/stat': not there`);
  const boot = bootId();
  const startedAt = new Date();
  const record = { kind: 'process', pid, startTime, ...(boot && { boot }), startedAt } as const;
  if (!createProcessRecord(directory, record)) {
    throw new Error(`Cannot start the container of '${directory}': it was started or given up`);
  }
  return { pid, startTime };
}

/** Reads the spec from its file, which the runtime wrote. */
export function readContainerSpec(directory: string): ContainerSpec {
  return parseContainerSpec(JSON.parse(readFileSync(containerFiles(directory).spec, 'utf8')));
}
