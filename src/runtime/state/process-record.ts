import { closeSync, openSync, readFileSync } from 'node:fs';
import path from 'node:path';
import * as v from 'valibot';
import { hasErrorCode } from '../errors.ts';
import { createAtomically } from './write-atomically.ts';

/**
 * Which process a container is, as `process.json` in its directory keeps it.
 *
 * It is created before the process opens anything, by its parent or itself; a runtime that
 * finds a container without one, because its earlier life was killed in the middle of a start,
 * creates it as `abandoned`. The file can be created only once, so either the container runs
 * and is known, or it never runs.
 */
export type ProcessRecord =
  | {
      readonly kind: 'process';
      readonly pid: number;
      /** Field 22 of `/proc/<pid>/stat`: with the pid it names one process of this boot. */
      readonly startTime: string;
      /** See `ProcessIdentity`; absent where `/proc` does not tell boots apart. */
      readonly boot?: string;
      readonly startedAt: Date;
    }
  | { readonly kind: 'abandoned' };

const processRecordSchema = v.strictObject({
  kind: v.literal('process'),
  pid: v.pipe(v.number(), v.integer(), v.minValue(2)),
  startTime: v.pipe(v.string(), v.digits()),
  boot: v.exactOptional(v.string()),
  startedAt: v.pipe(
    v.string(),
    v.isoTimestamp(),
    v.transform((text) => new Date(text)),
  ),
});

/** Claims the container; where it answers `false`, the caller must not go on. */
export function createProcessRecord(directory: string, record: ProcessRecord): boolean {
  const file = processRecordPath(directory);
  if (record.kind === 'abandoned') return createEmpty(file);
  return createAtomically(file, JSON.stringify(record), { durable: false });
}

/** A file without content takes no space: a container can be given up on a full disk. */
function createEmpty(file: string): boolean {
  try {
    closeSync(openSync(file, 'wx', 0o600));
    return true;
  } catch (error) {
    if (hasErrorCode(error, 'EEXIST')) return false;
    throw error;
  }
}

/**
 * Reads the process record; `undefined` where the container has not been claimed. An empty one is
 * abandoned. So is a damaged one, which a machine that lost its power may leave: its process is gone.
 *
 * @throws where the file cannot be read
 */
export function readProcessRecord(directory: string): ProcessRecord | undefined {
  try {
    return parseProcessRecord(readFileSync(processRecordPath(directory), 'utf8'));
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function parseProcessRecord(text: string): ProcessRecord {
  try {
    return v.parse(processRecordSchema, JSON.parse(text));
  } catch (error) {
    if (error instanceof SyntaxError || v.isValiError(error)) return { kind: 'abandoned' };
    throw error;
  }
}

function processRecordPath(directory: string): string {
  return path.join(directory, 'process.json');
}
