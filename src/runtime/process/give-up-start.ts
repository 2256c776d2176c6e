import { existsSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { createProcessRecord, readProcessRecord } from '../state/process-record.ts';
import { isRunning } from './process-identity.ts';
import { signalGroup } from './signal-group.ts';

/**
 * Sees to it that what was to be started in this directory never runs, or runs no longer. Resolves
 * when its process has ended; nothing else of the directory is changed.
 */
export async function giveUpStart(directory: string): Promise<void> {
  // Where it has not been claimed yet, it never will be.
  if (!existsSync(directory) || createProcessRecord(directory, { kind: 'abandoned' })) return;
  const record = readProcessRecord(directory);
  if (record?.kind !== 'process') return;
  signalGroup(record, 'SIGKILL');
  while (isRunning(record)) await sleep(5);
}
