import {
  chmod,
  chown,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import path from 'node:path';
import { VolumeError } from './volume-error.ts';
import type { VolumeFile, VolumeFiles } from './volume-files.ts';

/** Who owns the files, where that is not whoever writes them. */
export interface FileOwner {
  readonly uid?: number;
  readonly gid?: number;
}

const current = '..data';
const next = '..data_tmp';

/**
 * Makes a directory hold exactly these files, all changed at once for whoever reads: they lie in
 * a directory of their own, `..data` links to it and is replaced by a rename, and each name that
 * users see is a link into `..data`. Laid out as the kubelet does it. After a crash at any point
 * either the old or the new files are there.
 *
 * @returns whether anything changed
 * @throws {VolumeError} where a file's name leads out of the directory, or is one of its own
 */
export async function writeAtomically(
  directory: string,
  files: VolumeFiles,
  owner: FileOwner = {},
): Promise<boolean> {
  for (const name of files.keys()) refuseOutside(name);
  const before = await readlink(path.join(directory, current)).catch(() => undefined);
  if (before !== undefined && (await holds(path.join(directory, before), files))) {
    await linkNames(directory, files);
    return false;
  }
  const fresh = await writeVersion(directory, files, owner);
  await switchTo(directory, path.basename(fresh));
  await linkNames(directory, files);
  await removeOldVersions(directory, path.basename(fresh));
  return true;
}

/** The API server refuses such names; but this is the place where they would do harm. */
function refuseOutside(name: string): void {
  const parts = name.split('/');
  const isWrong = parts.some((part) => part === '' || part === '.' || part === '..');
  if (!isWrong && !name.startsWith('..') && !name.includes('\0')) return;
  throw new VolumeError(`cannot write file "${name}": use a relative path without '..'`);
}

async function writeVersion(
  directory: string,
  files: VolumeFiles,
  owner: FileOwner,
): Promise<string> {
  const version = await mkdtemp(path.join(directory, `..${timestamp()}.`));
  await setOwner(version, 0o755, owner);
  for (const [name, file] of files) {
    const target = path.join(version, name);
    for (const parent of parentsOf(name)) {
      await mkdir(path.join(version, parent), { recursive: true });
      await setOwner(path.join(version, parent), 0o755, owner);
    }
    await writeFile(target, file.bytes, { mode: 0o600 });
    await setOwner(target, file.mode, owner);
  }
  return version;
}

/** The directories of a path, outermost first: of `a/b/c`, `a` and `a/b`. */
function parentsOf(name: string): readonly string[] {
  const parts = name.split('/').slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}

async function setOwner(target: string, mode: number, { uid, gid }: FileOwner): Promise<void> {
  if (uid !== undefined || gid !== undefined) await chown(target, uid ?? -1, gid ?? -1);
  await chmod(target, mode);
}

async function switchTo(directory: string, version: string): Promise<void> {
  const link = path.join(directory, next);
  await rm(link, { force: true });
  await symlink(version, link);
  await rename(link, path.join(directory, current));
}

/** Links each top name into `..data`, and removes links whose names are no more. */
async function linkNames(directory: string, files: VolumeFiles): Promise<void> {
  const wanted = new Set([...files.keys()].map((name) => name.split('/')[0] ?? name));
  const present = (await readdir(directory)).filter((name) => !name.startsWith('..'));
  for (const name of present) {
    if (!wanted.has(name)) await rm(path.join(directory, name), { force: true });
  }
  for (const name of wanted) {
    if (!present.includes(name)) {
      await symlink(path.join(current, name), path.join(directory, name));
    }
  }
}

async function removeOldVersions(directory: string, version: string): Promise<void> {
  for (const name of await readdir(directory)) {
    const isVersion = name.startsWith('..') && name !== current && name !== version;
    if (isVersion) await rm(path.join(directory, name), { recursive: true, force: true });
  }
}

async function holds(version: string, files: VolumeFiles): Promise<boolean> {
  const entries = await readdir(version, { recursive: true, withFileTypes: true }).catch(() => []);
  const names = entries.filter((entry) => entry.isFile());
  if (names.length !== files.size) return false;
  const same = await Promise.all(
    [...files].map(([name, file]) => isSame(path.join(version, name), file)),
  );
  return same.every(Boolean);
}

async function isSame(target: string, file: VolumeFile): Promise<boolean> {
  try {
    const { mode } = await lstat(target);
    return (mode & 0o777) === file.mode && (await readFile(target)).equals(file.bytes);
  } catch {
    // Not there, or not readable: it will be written.
    return false;
  }
}

function timestamp(): string {
  return new Date().toISOString().slice(0, 19).replaceAll(/[-T:]/g, '_');
}
