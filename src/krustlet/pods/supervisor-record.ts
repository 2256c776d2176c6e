import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as v from 'valibot';
import type { Manifest } from '../../kubelet/pods/manifest.ts';
import { hasErrorCode } from '../../runtime/errors.ts';
import { bootId, isRunning, startTimeOf } from '../../runtime/process/process-identity.ts';
import { UserError } from '../cli/user-error.ts';

const schema = v.object({
  pid: v.number(),
  startTime: v.string(),
  boot: v.exactOptional(v.string()),
  /** Absolute path. */
  manifest: v.string(),
  /** Unique ids of its pods. */
  pods: v.array(v.string()),
  /** Their names. */
  names: v.optional(v.array(v.string()), []),
});

/** A process that runs the pods of a manifest, mostly in the background. */
export type SupervisorRecord = v.InferOutput<typeof schema>;

const pollMs = 20;
const patienceMs = 120_000;

/** Leaves word that this process runs these pods; taken back when it is disposed of. */
export function recordSupervisor(
  dataDir: string,
  supervised: Pick<SupervisorRecord, 'manifest' | 'pods' | 'names'>,
): Disposable {
  const { pid } = process;
  const startTime = startTimeOf(pid);
  if (startTime === undefined) throw new Error(`reading the start time of process ${pid} failed`);
  const file = path.join(folderOf(dataDir), `${pid}.json`);
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  const boot = bootId();
  const record: SupervisorRecord = { pid, startTime, ...(boot && { boot }), ...supervised };
  writeFileSync(`${file}.tmp`, JSON.stringify(record), { mode: 0o600 });
  renameSync(`${file}.tmp`, file);
  return { [Symbol.dispose]: () => rmSync(file, { force: true }) };
}

/** Finds the process that runs a pod, if one does. */
export function findSupervisor(dataDir: string, podUid: string): SupervisorRecord | undefined {
  return readRecords(folderOf(dataDir)).find(
    (record) => record.pods.includes(podUid) && isRunning(record),
  );
}

/** What a process leaves word of that runs the pods of a manifest. */
export function supervisedOf(file: string, { pods }: Manifest) {
  return {
    manifest: path.resolve(file),
    pods: pods.map(({ metadata }) => metadata.uid),
    names: pods.map(({ metadata }) => metadata.name),
  };
}

/**
 * Sees to it that no pod of a manifest has the name of one that runs: nobody could tell them apart.
 *
 * @throws {UserError}
 */
export function demandFreeNames(dataDir: string, file: string, { pods }: Manifest): void {
  const taken = readRecords(folderOf(dataDir))
    .filter((record) => isRunning(record))
    .flatMap(({ names }) => names);
  const double = pods.map(({ metadata }) => metadata.name).find((name) => taken.includes(name));
  if (double === undefined) return;
  throw new UserError(
    `running '${file}' failed: a pod '${double}' runs already; stop it with 'krustlet stop ${double}'`,
  );
}

/** Has a supervisor end all of its pods within their grace periods, and waits until it has. */
export async function stopSupervisor(record: SupervisorRecord): Promise<void> {
  process.kill(record.pid, 'SIGTERM');
  for (let waited = 0; isRunning(record); waited += pollMs) {
    if (waited > patienceMs) {
      throw new UserError(`stopping '${record.manifest}' failed: process ${record.pid} goes on`);
    }
    await sleep(pollMs);
  }
}

function folderOf(dataDir: string): string {
  return path.join(dataDir, 'supervisors');
}

function readRecords(folder: string): SupervisorRecord[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.json'))
      .flatMap((name) => readRecord(path.join(folder, name)) ?? []);
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return [];
    throw error;
  }
}

/** `undefined` also where it is damaged, as a machine that lost its power leaves it: who wrote it is gone. */
function readRecord(file: string): SupervisorRecord | undefined {
  try {
    return v.parse(schema, JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT') || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
