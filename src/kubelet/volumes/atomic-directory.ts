import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
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
 * either the old or the new files are there. Done without a pause: these are about thirty calls
 * of a few microseconds, and a turn of the thread pool for each would take ten times as long.
 *
 * @returns whether anything changed
 * @throws {VolumeError} where a file's name leads out of the directory, is one of its own, or is
 *   that of a folder of another file
 */
export function writeAtomically(
  directory: string,
  files: VolumeFiles,
  owner: FileOwner = {},
): boolean {
  for (const name of files.keys()) refuseOutside(name);
  refuseInsideOfFiles(files);
  const before = currentVersion(directory);
  if (before !== undefined && holds(path.join(directory, before), files, owner)) {
    linkNames(directory, files);
    return false;
  }
  // What a write left that was cut short, as by a full disk, would take the room of this one.
  removeVersions(directory, before);
  const fresh = writeVersion(directory, files, owner);
  switchTo(directory, path.basename(fresh));
  linkNames(directory, files);
  removeVersions(directory, path.basename(fresh));
  return true;
}

/** The API server refuses such names; but this is the place where they would do harm. */
function refuseOutside(name: string): void {
  const parts = name.split('/');
  const isWrong = parts.some((part) => part === '' || part === '.' || part === '..');
  if (!isWrong && !name.startsWith('..') && !name.includes('\0')) return;
  throw new VolumeError(`cannot write file "${name}": use a relative path without '..'`);
}

/** The API server takes such names: nothing that is written could have both. */
function refuseInsideOfFiles(files: VolumeFiles): void {
  for (const name of files.keys()) {
    const folder = parentsOf(name).find((parent) => files.has(parent));
    if (folder === undefined) continue;
    const message = `cannot write files "${folder}" and "${name}": the first is a folder of the second`;
    throw new VolumeError(message);
  }
}

function currentVersion(directory: string): string | undefined {
  const link = path.join(directory, current);
  return lstatSync(link, { throwIfNoEntry: false })?.isSymbolicLink()
    ? readlinkSync(link)
    : undefined;
}

function writeVersion(directory: string, files: VolumeFiles, owner: FileOwner): string {
  const version = mkdtempSync(path.join(directory, `..${timestamp()}.`));
  try {
    fillVersion(version, files, owner);
    return version;
  } catch (error) {
    rmSync(version, { recursive: true, force: true });
    throw error;
  }
}

function fillVersion(version: string, files: VolumeFiles, owner: FileOwner): void {
  setOwner(version, 0o755, owner);
  for (const [name, file] of files) {
    const target = path.join(version, name);
    for (const parent of parentsOf(name)) {
      mkdirSync(path.join(version, parent), { recursive: true });
      setOwner(path.join(version, parent), 0o755, owner);
    }
    writeFileSync(target, file.bytes, { mode: 0o600 });
    setOwner(target, file.mode, owner);
  }
}

/** The directories of a path, outermost first: of `a/b/c`, `a` and `a/b`. */
function parentsOf(name: string): readonly string[] {
  const parts = name.split('/').slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
}

function setOwner(target: string, mode: number, { uid, gid }: FileOwner): void {
  if (uid !== undefined || gid !== undefined) chownSync(target, uid ?? -1, gid ?? -1);
  chmodSync(target, mode);
}

function switchTo(directory: string, version: string): void {
  const link = path.join(directory, next);
  rmSync(link, { force: true });
  symlinkSync(version, link);
  renameSync(link, path.join(directory, current));
}

/** Links each top name into `..data`, and removes links whose names are no more. */
function linkNames(directory: string, files: VolumeFiles): void {
  const wanted = new Set([...files.keys()].map((name) => name.split('/')[0] ?? name));
  const present = readdirSync(directory).filter((name) => !name.startsWith('..'));
  for (const name of present) {
    if (!wanted.has(name)) rmSync(path.join(directory, name), { force: true });
  }
  for (const name of wanted) {
    if (!present.includes(name)) {
      symlinkSync(path.join(current, name), path.join(directory, name));
    }
  }
}

function removeVersions(directory: string, kept: string | undefined): void {
  for (const name of readdirSync(directory)) {
    const isVersion = name.startsWith('..') && name !== current && name !== kept;
    if (isVersion) rmSync(path.join(directory, name), { recursive: true, force: true });
  }
}

function holds(version: string, files: VolumeFiles, owner: FileOwner): boolean {
  if (!existsSync(version)) return false;
  const entries = readdirSync(version, { recursive: true, withFileTypes: true });
  const names = entries.filter((entry) => entry.isFile());
  if (names.length !== files.size) return false;
  return [...files].every(([name, file]) => isSame(path.join(version, name), file, owner));
}

function isSame(target: string, file: VolumeFile, owner: FileOwner): boolean {
  try {
    const { mode, uid, gid } = lstatSync(target);
    const isTheirs = uid === (owner.uid ?? uid) && gid === (owner.gid ?? gid);
    return isTheirs && (mode & 0o777) === file.mode && readFileSync(target).equals(file.bytes);
  } catch {
    // Not there, or not readable: it will be written.
    return false;
  }
}

function timestamp(): string {
  return new Date().toISOString().slice(0, 19).replaceAll(/[-T:]/g, '_');
}
