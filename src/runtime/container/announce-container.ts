import { readFileSync } from 'node:fs';
import { processId } from '../../wasi/libc/process.ts';
import type { ContainerSpec } from '../container-spec.ts';
import { parseContainerSpec } from '../parse-container-spec.ts';
import { type ProcessIdentity, startTimeOf } from '../process/process-identity.ts';
import { containerFiles } from '../state/container-directory.ts';
import { createProcessRecord } from '../state/process-record.ts';
import { takeIdentity } from './container-identity.ts';
import { joinCgroups } from './join-cgroups.ts';
import { ownLogDirectory } from './own-log-directory.ts';

export interface AnnouncedContainer {
  readonly spec: ContainerSpec;
  readonly identity: ProcessIdentity;
}

/**
 * Makes the calling process known as the container's, before it does anything that would need an
 * end, and puts it where it will be held: its cgroups, its session, the kernel's OOM order.
 *
 * @throws where the container was started or given up before
 */
export function announceContainer(
  directory: string,
  cgroups: readonly string[],
): AnnouncedContainer {
  const announced = claimContainer(directory);
  joinCgroups(cgroups);
  takeIdentity();
  return announced;
}

/** The first half, which changes nothing about the process itself. */
export function claimContainer(directory: string): AnnouncedContainer {
  const identity = claim(directory);
  const spec = readContainerSpec(directory);
  ownLogDirectory(spec);
  return { spec, identity };
}

function claim(directory: string): ProcessIdentity {
  const pid = processId();
  const startTime = startTimeOf(pid);
  if (startTime === undefined) throw new Error(`Cannot read '/proc/${pid}/stat': not there`);
  const record = { kind: 'process', pid, startTime, startedAt: new Date() } as const;
  if (!createProcessRecord(directory, record)) {
    throw new Error(`Cannot start the container of '${directory}': it was started or given up`);
  }
  return { pid, startTime };
}

/** Reads the spec from its file, which the runtime wrote. */
export function readContainerSpec(directory: string): ContainerSpec {
  return parseContainerSpec(JSON.parse(readFileSync(containerFiles(directory).spec, 'utf8')));
}
