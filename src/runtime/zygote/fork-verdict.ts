import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { release } from 'node:os';
import path from 'node:path';
import * as v from 'valibot';
import { hasErrorCode } from '../errors.ts';
import { writeAtomically } from '../state/write-atomically.ts';

export const forkVerdictSchema = v.strictObject({
  /** The form that containers are started in. */
  form: v.picklist(['fork', 'exec']),
  /** Why forking does not do, where it does not. */
  reason: v.exactOptional(v.string()),
});

/** What the self-test found, kept until Node, Krustlet or the kernel is another. */
export type ForkVerdict = v.InferOutput<typeof forkVerdictSchema>;

/** The verdict for this machine, from the directory of the zygotes; `undefined` before the test. */
export function readForkVerdict(directory: string, version: string): ForkVerdict | undefined {
  try {
    const text = readFileSync(verdictPath(directory, version), 'utf8');
    return v.parse(forkVerdictSchema, JSON.parse(text));
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return undefined;
    throw new Error('Cannot read the verdict of the self-test', { cause: error });
  }
}

export function writeForkVerdict(directory: string, version: string, verdict: ForkVerdict): void {
  writeAtomically(verdictPath(directory, version), JSON.stringify(verdict));
}

function verdictPath(directory: string, version: string): string {
  const machine = [version, process.version, process.arch, release()].join('\n');
  const name = createHash('sha256').update(machine).digest('hex').slice(0, 16);
  return path.join(directory, `self-test-${name}.json`);
}
