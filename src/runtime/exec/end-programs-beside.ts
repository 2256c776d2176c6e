import { existsSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { giveUpStart } from '../process/give-up-start.ts';
import { containerFiles, removedName } from '../state/container-directory.ts';

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
  await Promise.all(names.map((name) => giveUpStart(path.join(exec, name))));
  await Promise.allSettled(watched);
  rmSync(exec, { recursive: true, force: true });
}
