import { existsSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isRunning } from '../process/process-identity.ts';
import { signalGroup } from '../process/signal-group.ts';
import { containerFiles, removedName } from '../state/container-directory.ts';
import { createProcessRecord, readProcessRecord } from '../state/process-record.ts';

/**
 * Ends what was run beside a container: a program does not outlive the container it was run in,
 * nor the process that carries its stdio. Resolves when all have ended.
 *
 * @param watched resolve when those who wait for a program know its end; until then its record stays
 */
export async function endProgramsBeside(
  containerDirectory: string,
  watched: Iterable<Promise<unknown>> = [],
): Promise<void> {
  const { exec } = containerFiles(containerDirectory);
  if (!existsSync(exec)) return;
  const names = readdirSync(exec).filter((name) => name !== removedName);
  await Promise.all(names.map((name) => endProgram(path.join(exec, name))));
  await Promise.allSettled(watched);
  rmSync(exec, { recursive: true, force: true });
}

async function endProgram(directory: string): Promise<void> {
  // Where it has not been claimed yet, it never will be.
  if (!existsSync(directory) || createProcessRecord(directory, { kind: 'abandoned' })) return;
  const record = readProcessRecord(directory);
  if (record?.kind !== 'process') return;
  signalGroup(record, 'SIGKILL');
  while (isRunning(record)) await sleep(5);
}
