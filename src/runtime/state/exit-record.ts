import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as v from 'valibot';
import { hasErrorCode } from '../errors.ts';
import { createAtomically } from './write-atomically.ts';

/**
 * How a container ended, as `exit.json` in its directory keeps it. The zygote writes it when it
 * has reaped the process; the runtime writes it for a process whose zygote is gone.
 */
export interface ExitRecord {
  /** 0 to 255, as a shell shows it: 134 for a trap, 128 + n for a signal. */
  readonly exitCode: number;
  /** Number of the signal that ended the process. */
  readonly signal?: number;
  readonly reason: ExitReason;
  /** For people: the trap's message, or why the container cannot run. */
  readonly message?: string;
  readonly startedAt: Date;
  readonly finishedAt: Date;
}

const exitReasons = [
  'Completed',
  'Error',
  'OOMKilled',
  'ContainerCannotRun',
  'ContainerStatusUnknown',
] as const;
/** The reason that Kubernetes shows for a terminated container. */
export type ExitReason = (typeof exitReasons)[number];

const timestamp = v.pipe(
  v.string(),
  v.isoTimestamp(),
  v.transform((text) => new Date(text)),
);

const exitRecordSchema = v.strictObject({
  exitCode: v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(255)),
  signal: v.exactOptional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(64))),
  reason: v.picklist(exitReasons),
  message: v.exactOptional(v.string()),
  startedAt: timestamp,
  finishedAt: timestamp,
});

/**
 * Writes the exit record where there is none; `false` where the end is already recorded, or the
 * directory is gone because nobody keeps the container any more.
 *
 * @throws where it cannot be written, as on a full disk
 */
export function createExitRecord(directory: string, record: ExitRecord): boolean {
  try {
    return createAtomically(exitRecordPath(directory), JSON.stringify(record));
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return false;
    throw error;
  }
}

/**
 * Reads the exit record; `undefined` while the container has not ended.
 *
 * @throws where the file cannot be read or is not an exit record
 */
export function readExitRecord(directory: string): ExitRecord | undefined {
  const file = exitRecordPath(directory);
  try {
    return v.parse(exitRecordSchema, JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return undefined;
    throw new Error(`Cannot read exit record '${file}'`, { cause: error });
  }
}

export const exitRecordName = 'exit.json';

function exitRecordPath(directory: string): string {
  return path.join(directory, exitRecordName);
}

/**
 * Records an end that only this process knows of, and says what counts: what is recorded already, else
 * this. Where the disk is full nothing is recorded, and another life has to find out again.
 */
export function recordExit(directory: string, record: ExitRecord): ExitRecord {
  try {
    createExitRecord(directory, record);
  } catch (error) {
    if (!hasErrorCode(error, 'ENOSPC', 'EDQUOT')) throw error;
  }
  return readExitRecord(directory) ?? record;
}
