import { statfsSync, statSync } from 'node:fs';
import path from 'node:path';
import { UserError } from './user-error.ts';

/** Types of file systems, as `statfs` gives them, in which nobody makes folders. */
const fileSystemsOfTheKernel: readonly number[] = [
  0x9fa0, // proc
  0x62656572, // sysfs
];

/**
 * Checks that a data folder is one, or can be made: Node's way to make folders with their parents never
 * ends below /proc, and says little elsewhere.
 *
 * @throws {UserError}
 */
export function checkDataDir(dataDir: string): void {
  const existing = nearestExisting(dataDir);
  const problem = problemOf(existing, existing === dataDir);
  if (problem === undefined) return;
  throw new UserError(
    `using data folder '${dataDir}' failed: ${problem}; name another by --data-dir or KRUSTLET_DATA_DIR`,
  );
}

function problemOf(existing: string, isWhole: boolean): string | undefined {
  if (!statSync(existing).isDirectory()) return `'${existing}' is no folder`;
  const isOfTheKernel = fileSystemsOfTheKernel.includes(statfsSync(existing).type);
  return isOfTheKernel && !isWhole ? `no folder can be made in '${existing}'` : undefined;
}

/** The folder itself, or the nearest above it that is there. */
function nearestExisting(file: string): string {
  const found = statSync(file, { throwIfNoEntry: false });
  const parent = path.dirname(file);
  return found !== undefined || parent === file ? file : nearestExisting(parent);
}
