import {
  closeSync,
  fsyncSync,
  linkSync,
  openSync,
  renameSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';

/** How a file is written. */
export interface WriteInit {
  /**
   * Whether the file outlives a crash of the machine, which takes time; what is worth nothing
   * then need not. @default true
   */
  readonly durable?: boolean;
}

/**
 * Writes a small file so that whoever reads `path`, even after a crash, finds the old content or
 * the new one, never a part: temporary name, fsync, rename.
 */
export function writeAtomically(
  path: string,
  content: string,
  { durable = true }: WriteInit = {},
): void {
  const temporary = writeTemporary(path, content, durable);
  try {
    renameSync(temporary, path);
  } catch (error) {
    unlinkSync(temporary);
    throw error;
  }
}

/**
 * Like {@link writeAtomically}, but only where `path` does not exist yet: of several writers
 * exactly one gets `true`.
 */
export function createAtomically(
  path: string,
  content: string,
  { durable = true }: WriteInit = {},
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
const temporarySuffix = '.tmp';

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
