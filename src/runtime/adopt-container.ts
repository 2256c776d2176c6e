import { existsSync, readFileSync } from 'node:fs';
import type { Clock } from './clock.ts';
import type { ContainerSpec } from './container-spec.ts';
import { endProgramsBeside } from './exec/end-programs-beside.ts';
import { ContainerSpecError, parseContainerSpec } from './parse-container-spec.ts';
import { ContainerProcess } from './process/container-process.ts';
import { containerFiles } from './state/container-directory.ts';
import { type ExitRecord, readExitRecord, recordExit } from './state/exit-record.ts';
import { createProcessRecord, readProcessRecord } from './state/process-record.ts';

/** Says of a container whether it is the caller's to take over. */
export type IsOwn = (spec: ContainerSpec) => boolean;

export interface AdoptedContainer {
  readonly spec: ContainerSpec;
  readonly life: ContainerProcess | ExitRecord;
}

/**
 * Takes over a container that an earlier life of this process started. One whose start was cut
 * short before its process existed is given up, so that it never runs, and counts as ended.
 *
 * @returns `undefined` where there is nothing to take over: not even the spec was written. What is
 *   not the caller's own is `foreign`, and nothing is done to it.
 * @throws {ContainerSpecError} where the spec cannot be read, as after a step back to an older
 *   version; the container has been ended then
 */
export async function adoptContainer(
  directory: string,
  clock: Clock,
  isOwn: IsOwn,
): Promise<AdoptedContainer | 'foreign' | undefined> {
  const file = containerFiles(directory).spec;
  if (!existsSync(file)) return undefined;
  const spec = readSpec(file);
  const isReadable = !(spec instanceof ContainerSpecError);
  if (isReadable && !isOwn(spec)) return 'foreign';
  await endProgramsBeside(directory);
  const life = lifeOf(directory, clock);
  if (isReadable) return { spec, life };
  if (life instanceof ContainerProcess) await life.stop(0);
  throw spec;
}

function readSpec(file: string): ContainerSpec | ContainerSpecError {
  try {
    return parseContainerSpec(JSON.parse(readFileSync(file, 'utf8')));
  } catch (cause) {
    return new ContainerSpecError(`Cannot take over the container of '${file}'`, { cause });
  }
}

function lifeOf(directory: string, clock: Clock): ContainerProcess | ExitRecord {
  const exit = readExitRecord(directory);
  if (exit !== undefined) return exit;
  // Whoever has not claimed the container by now never will.
  createProcessRecord(directory, { kind: 'abandoned' });
  const record = readProcessRecord(directory);
  return record?.kind === 'process'
    ? new ContainerProcess({ directory, identity: record, startedAt: record.startedAt, clock })
    : neverStarted(directory, clock);
}

function neverStarted(directory: string, clock: Clock): ExitRecord {
  const now = clock.now();
  return recordExit(directory, {
    exitCode: 128,
    reason: 'ContainerCannotRun',
    message: 'The runtime ended before the container was started',
    startedAt: now,
    finishedAt: now,
  });
}
