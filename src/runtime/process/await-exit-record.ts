import { watch } from 'node:fs';
import type { Clock } from '../clock.ts';
import {
  createExitRecord,
  type ExitRecord,
  exitRecordName,
  readExitRecord,
} from '../state/exit-record.ts';

/** How long the zygote may take to reap a process and record its end, in milliseconds. */
const patience = 2_000;

const killed = 137;

/**
 * The exit record of a process that has ended. Its zygote writes it within moments; where the
 * zygote is gone and nobody knows how the process ended, the record says so.
 */
export async function awaitExitRecord(
  directory: string,
  startedAt: Date,
  clock: Clock,
  signal: AbortSignal,
): Promise<ExitRecord> {
  return (
    readExitRecord(directory) ??
    (await appearance(directory, clock, signal)) ??
    unknownEnd(directory, startedAt, clock)
  );
}

async function appearance(
  directory: string,
  clock: Clock,
  signal: AbortSignal,
): Promise<ExitRecord | undefined> {
  const ended = new AbortController();
  const { promise, resolve, reject } = Promise.withResolvers<ExitRecord | undefined>();
  const look = () => {
    try {
      const record = readExitRecord(directory);
      if (record !== undefined) resolve(record);
    } catch (error) {
      reject(error);
    }
  };
  const watcher = watch(directory, (_event, name) => name === exitRecordName && look());
  watcher.on('error', reject);
  look();
  try {
    const timeout = clock.sleep(patience, { signal: AbortSignal.any([signal, ended.signal]) });
    return await Promise.race([promise, timeout.then(() => undefined)]);
  } finally {
    watcher.close();
    ended.abort();
  }
}

function unknownEnd(directory: string, startedAt: Date, clock: Clock): ExitRecord {
  const record: ExitRecord = {
    exitCode: killed,
    reason: 'ContainerStatusUnknown',
    message: 'The container ended while nothing watched it',
    startedAt,
    finishedAt: clock.now(),
  };
  createExitRecord(directory, record);
  // The zygote may have come first after all: the file is what counts.
  return readExitRecord(directory) ?? record;
}
