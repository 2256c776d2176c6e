import {
  closeSync,
  fsyncSync,
  linkSync,
  openSync,
  renameSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';

/**
 * Writes a small file so that whoever reads `path`, even after a crash, finds the old content or
 * the new one, never a part: temporary name, fsync, rename.
 */
export function writeAtomically(path: string, content: string): void {
  const temporary = writeTemporary(path, content, true);
  try {
    renameSync(temporary, path);
  } catch (error) {
    unlinkSync(temporary);
    throw error;
  }
}

/**
 * Like {@link writeAtomically}, but only where `path` does not exist yet: of several writers
 * exactly one gets `true`. What is worth nothing after the machine has stopped need not be
 * `durable`, which takes time.
 */
export function createAtomically(
  path: string,
  content: string,
  { durable = true }: { readonly durable?: boolean } = {},
): boolean {
  const temporary = writeTemporary(path, content, durable);
  try {
    linkSync(temporary, path);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  } finally {
    unlinkSync(temporary);
  }
}

/** Ends the names that a crash may leave behind and nobody reads. */
export const temporarySuffix = '.tmp';

function writeTemporary(path: string, content: string, durable: boolean): string {
  // The clock tells writers apart: a forked process has no pid or random numbers of its own yet.
  const temporary = `${path}.${process.hrtime.bigint()}${temporarySuffix}`;
  const fd = openSync(temporary, 'wx', 0o600);
  try {
    writeFileSync(fd, content);
    if (durable) fsyncSync(fd);
  } catch (error) {
    unlinkSync(temporary);
    throw error;
  } finally {
    closeSync(fd);
  }
  return temporary;
}
