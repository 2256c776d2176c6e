import { watch } from 'node:fs';
import type { Clock } from '../clock.ts';
import { readExitNote } from '../container/exit-note.ts';
import {
  type ExitRecord,
  exitRecordName,
  readExitRecord,
  recordExit,
} from '../state/exit-record.ts';
import { exitRecordOf } from '../zygote/exit-record-of.ts';

/** How long the zygote may take to reap a process and record its end, in milliseconds. */
const patience = 2_000;

const killed = 137;

/**
 * The exit record of a process that has ended. Its zygote writes it within moments; where the
 * zygote is gone, it is what the process itself has noted; where that had no time to, the record
 * says that nobody knows.
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
    unwatchedEnd(directory, startedAt, clock)
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

function unwatchedEnd(directory: string, startedAt: Date, clock: Clock): ExitRecord {
  const times = { startedAt, finishedAt: clock.now() };
  const record = notedEnd(directory, times) ?? unknownEnd(times);
  // The zygote may have come first after all.
  return recordExit(directory, record);
}

interface Times {
  readonly startedAt: Date;
  readonly finishedAt: Date;
}

function notedEnd(directory: string, times: Times): ExitRecord | undefined {
  const note = readExitNote(directory);
  if (note === undefined) return undefined;
  const end = { kind: 'exited', code: note.exitCode } as const;
  return exitRecordOf({ end, note, outOfMemory: false, startFailure: undefined, ...times });
}

function unknownEnd(times: Times): ExitRecord {
  return {
    exitCode: killed,
    reason: 'ContainerStatusUnknown',
    message: 'The container ended while nothing watched it',
    ...times,
  };
}
