import { lstatSync, readlinkSync, type Stats } from 'node:fs';
import path from 'node:path';
import { errno } from '../errno.ts';
import { errnoOfThrown } from './attempt.ts';

/** As many symbolic links Linux follows on one path. */
const maxLinks = 40;

/** Means something else than a name on Windows: a drive, a stream, a separator. */
const notOnWindows = /[\\:]/;

/** Where a guest's path leads on the host. */
export interface BeneathPath {
  /** Absolute, without symbolic links but perhaps the last. */
  readonly path: string;
  /** What is there, `undefined` if nothing is. */
  readonly stats: Stats | undefined;
  /** Whether the guest says, by a slash, that it has to be a directory. */
  readonly wantsDirectory: boolean;
}

/**
 * Looks up a path without leaving `base`, name by name, since `node:fs` cannot be told to stay
 * beneath a directory. What it finds may be something else when it is used: whoever else changes
 * the directories meanwhile can lead a guest outside. On Linux the native system has no such gap.
 *
 * @returns a negated error number: `perm` for a path that leads outside, `loop`, `noent`, `notdir`
 */
export function beneathPath(
  base: string,
  guestPath: string,
  follow: boolean,
): BeneathPath | number {
  if (path.posix.isAbsolute(guestPath)) return -errno.perm;
  const wantsDirectory = guestPath.endsWith('/');
  const ahead = guestPath.split('/').filter(isName);
  const behind: string[] = [];
  let stats: Stats | undefined = statsOf(base);
  let links = 0;
  for (let name = ahead.shift(); name !== undefined; name = ahead.shift()) {
    if (stats === undefined) return -errno.noent;
    if (!stats.isDirectory()) return -errno.notdir;
    if (process.platform === 'win32' && notOnWindows.test(name)) return -errno.noent;
    if (name === '..' && behind.pop() === undefined) return -errno.perm;
    const next: string = path.join(base, ...behind, name === '..' ? '' : name);
    stats = statsOf(next);
    if (stats?.isSymbolicLink() && (ahead.length > 0 || follow || wantsDirectory)) {
      links += 1;
      if (links > maxLinks) return -errno.loop;
      const target = readlinkSync(next);
      if (path.isAbsolute(target)) return -errno.perm;
      ahead.unshift(...target.split('/').filter(isName));
      stats = statsOf(path.join(base, ...behind));
    } else if (name !== '..') {
      behind.push(name);
    }
  }
  return { path: path.join(base, ...behind), stats, wantsDirectory };
}

function isName(name: string): boolean {
  return name !== '' && name !== '.';
}

function statsOf(file: string): Stats | undefined {
  try {
    return lstatSync(file);
  } catch (error) {
    if (errnoOfThrown(error) === errno.noent) return undefined;
    throw error;
  }
}
