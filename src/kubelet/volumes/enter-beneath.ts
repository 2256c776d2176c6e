import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, readlink } from 'node:fs/promises';
import path from 'node:path';
import type { ContainerUser } from '../provider.ts';
import { isPermitted } from './permission.ts';
import { VolumeError } from './volume-error.ts';

/** As many symbolic links Linux follows on one path. */
const maxLinks = 40;
const pathOnly = 0o10000000; // O_PATH, not among Node's constants
const { O_DIRECTORY, O_NOFOLLOW } = constants;

/**
 * What is at the end of a path in a volume. It is held open: whatever containers rename or link
 * meanwhile, {@link path} leads to it.
 */
class BeneathPlace implements AsyncDisposable {
  /** The directory at the end of the path, or the one that holds the file there. */
  readonly #directory: FileHandle;
  readonly #file: string;

  constructor(directory: FileHandle, file = '.') {
    this.#directory = directory;
    this.#file = file;
  }

  /** For calls that do not follow a last symbolic link. */
  get path(): string {
    return pathIn(this.#directory, this.#file);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#directory.close();
  }
}

export interface EnterBeneathOptions {
  /** Whether directories that are missing are made. @default false */
  readonly make?: boolean;
  /** Who has to be permitted to enter each directory. @default this process alone */
  readonly user?: ContainerUser;
}

/**
 * Follows a path in a volume that containers can write to, name by name, each looked up in the
 * open directory before it, so that no link or `..` leads outside, not even for a moment.
 *
 * @throws {VolumeError} where it leads outside, or there is nothing
 */
export async function enterBeneath(
  volume: string,
  subPath: string,
  { make = false, user }: EnterBeneathOptions = {},
): Promise<BeneathPlace> {
  const walk = new Walk(await openDirectory(volume, subPath), user);
  try {
    return await walk.to(subPath, make);
  } catch (cause) {
    await walk.leave();
    if (cause instanceof VolumeError) throw cause;
    throw new VolumeError(`cannot follow subPath "${subPath}"`, { cause });
  }
}

async function openDirectory(volume: string, subPath: string): Promise<FileHandle> {
  try {
    return await open(volume, pathOnly | O_DIRECTORY);
  } catch (cause) {
    throw new VolumeError(`cannot follow subPath "${subPath}" in "${volume}"`, { cause });
  }
}

/** The directories from the volume to where the path has led so far. */
class Walk {
  readonly #entered: FileHandle[];
  readonly #user: ContainerUser | undefined;
  #links = 0;

  constructor(volume: FileHandle, user?: ContainerUser) {
    this.#entered = [volume];
    this.#user = user;
  }

  async to(subPath: string, make: boolean): Promise<BeneathPlace> {
    const ahead = namesOf(subPath);
    for (let name = ahead.shift(); name !== undefined; name = ahead.shift()) {
      await this.#checkPermission(subPath);
      if (name === '..') await this.#goBack(subPath);
      else {
        const found = await this.#enter(name, make);
        if (found.kind === 'link') ahead.unshift(...this.#follow(found.target, subPath));
        if (found.kind === 'file') return this.#end(name, ahead, subPath);
      }
    }
    return new BeneathPlace(await this.#last());
  }

  /** Closes what is still open. */
  async leave(): Promise<void> {
    for (const directory of this.#entered.splice(0)) await directory.close();
  }

  get #here(): FileHandle {
    const here = this.#entered.at(-1);
    if (here === undefined) throw new Error('Cannot go on with a path that was left');
    return here;
  }

  async #checkPermission(subPath: string): Promise<void> {
    if (this.#user === undefined) return;
    if (isPermitted(await this.#here.stat(), this.#user, 'enter')) return;
    throw new VolumeError(`subPath "${subPath}" is in a directory that is not its user's to enter`);
  }

  async #goBack(subPath: string): Promise<void> {
    if (this.#entered.length === 1) throw escapes(subPath);
    await this.#entered.pop()?.close();
  }

  async #enter(name: string, make: boolean): Promise<Found> {
    const next = pathIn(this.#here, name);
    try {
      this.#entered.push(await open(next, pathOnly | O_DIRECTORY | O_NOFOLLOW));
      return { kind: 'directory' };
    } catch (error) {
      if (hasCode(error, 'ENOTDIR', 'ELOOP')) return await linkOrFile(next);
      if (!make || !hasCode(error, 'ENOENT')) throw error;
    }
    await mkdir(next, { mode: 0o777 });
    return await this.#enter(name, false);
  }

  #follow(target: string, subPath: string): string[] {
    this.#links += 1;
    if (path.isAbsolute(target) || this.#links > maxLinks) throw escapes(subPath);
    return namesOf(target);
  }

  async #end(name: string, ahead: readonly string[], subPath: string): Promise<BeneathPlace> {
    if (ahead.length > 0) throw new VolumeError(`subPath "${subPath}": "${name}" is a file`);
    return new BeneathPlace(await this.#last(), name);
  }

  /** The last directory, the only one that stays open. */
  async #last(): Promise<FileHandle> {
    const last = this.#here;
    this.#entered.pop();
    await this.leave();
    return last;
  }
}

type Found =
  | { readonly kind: 'directory' | 'file' }
  | { readonly kind: 'link'; readonly target: string };

async function linkOrFile(entry: string): Promise<Found> {
  try {
    return { kind: 'link', target: await readlink(entry) };
  } catch (error) {
    if (hasCode(error, 'EINVAL')) return { kind: 'file' };
    throw error;
  }
}

function pathIn({ fd }: FileHandle, name: string): string {
  return `/proc/self/fd/${fd}/${name}`;
}

function namesOf(subPath: string): string[] {
  return subPath.split('/').filter((name) => name !== '' && name !== '.');
}

function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}

function escapes(subPath: string): VolumeError {
  return new VolumeError(`subPath "${subPath}" leads out of its volume: remove '..' and links`);
}
