import { constants, type Dirent } from 'node:fs';
import { type FileHandle, open, opendir, rename, rmdir, unlink } from 'node:fs/promises';

const pathOnly = 0o10000000; // O_PATH, not among Node's constants
const flags = pathOnly | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/** How many directories below each other are open at once, with two descriptors each. */
const maxDepth = 16;
/** How many files are removed at once. */
const filesAtOnce = 16;
/** How often what somebody still makes is removed again. */
const maxRounds = 10;

/**
 * Removes a directory with all that guests may have written there: names that are no UTF-8, more
 * levels than a path or this process's descriptors have room for, more files than memory holds. Every
 * name is looked up in the open directory that holds it, so that no link leads out of the tree, not
 * even while somebody changes it. What is missing is no error.
 *
 * @param directory its parents are nobody's to change but this process's
 * @throws where something cannot be removed, or another file system is mounted inside
 */
export async function removeTree(directory: string): Promise<void> {
  for (let round = 1; ; round += 1) {
    const isDeep = await emptyTree(directory);
    // Deep directories were moved up, and are looked at in the next round.
    if (isDeep) round = 0;
    else if (await isRemoved(directory, round)) return;
  }
}

async function isRemoved(directory: string, round: number): Promise<boolean> {
  try {
    await rmdir(directory);
    return true;
  } catch (error) {
    if (isOneOf(error, 'ENOENT')) return true;
    if (isOneOf(error, 'ENOTDIR')) await unlink(directory);
    else if (!isOneOf(error, 'ENOTEMPTY', 'EEXIST') || round >= maxRounds) throw error;
    return false;
  }
}

/** @returns whether something was too deep, and is now in the directory itself */
async function emptyTree(directory: string): Promise<boolean> {
  await using root = await enter(Buffer.from(directory));
  if (root === undefined) return false;
  const { dev } = await root.stat();
  const removal = new TreeRemoval(root, dev);
  await removal.empty(root);
  return removal.isDeep;
}

class TreeRemoval {
  readonly #root: FileHandle;
  readonly #device: number;
  /** Names that nothing in the tree has. */
  readonly #names = `removing-${crypto.randomUUID()}-`;
  #moved = 0;

  constructor(root: FileHandle, device: number) {
    this.#root = root;
    this.#device = device;
  }

  get isDeep(): boolean {
    return this.#moved > 0;
  }

  async empty(directory: FileHandle, depth = 1): Promise<void> {
    const files: string[] = [];
    for await (const entry of await entriesOf(directory)) {
      if (entry.isDirectory()) await this.#removeDirectory(directory, entry.name, depth);
      else files.push(entry.name);
      if (files.length === filesAtOnce) await removeFiles(directory, files.splice(0));
    }
    await removeFiles(directory, files);
  }

  async #removeDirectory(parent: FileHandle, name: string, depth: number): Promise<void> {
    const place = pathIn(parent, name);
    if (depth === maxDepth) return await this.#moveUp(place);
    await this.#emptyPlace(place, name, depth);
    // Somebody may have put something else there, or in it: what is left shows at the end.
    await rmdir(place).catch(ignore('ENOENT', 'ENOTDIR', 'ENOTEMPTY', 'EEXIST'));
  }

  async #emptyPlace(place: Buffer, name: string, depth: number): Promise<void> {
    await using directory = await enter(place);
    if (directory === undefined) return;
    const { dev } = await directory.stat();
    if (dev !== this.#device) {
      throw new Error(`cannot remove directory "${name}": another file system is mounted there`);
    }
    await this.empty(directory, depth + 1);
  }

  async #moveUp(place: Buffer): Promise<void> {
    this.#moved += 1;
    const above = pathIn(this.#root, `${this.#names}${this.#moved}`);
    await rename(place, above).catch(ignore('ENOENT'));
  }
}

/** `undefined` where there is no directory, or no more. */
async function enter(place: Buffer): Promise<FileHandle | undefined> {
  try {
    return await open(place, flags);
  } catch (error) {
    if (isOneOf(error, 'ENOENT', 'ENOTDIR', 'ELOOP')) return undefined;
    throw error;
  }
}

/** The names are Latin-1, which keeps the bytes of any name. */
function entriesOf({ fd }: FileHandle): Promise<AsyncIterable<Dirent>> {
  return opendir(`/proc/self/fd/${fd}/.`, { encoding: 'latin1', bufferSize: 256 });
}

function pathIn({ fd }: FileHandle, name: string): Buffer {
  return Buffer.from(`/proc/self/fd/${fd}/${name}`, 'latin1');
}

async function removeFiles(directory: FileHandle, names: readonly string[]): Promise<void> {
  await Promise.all(names.map((name) => removeFile(pathIn(directory, name))));
}

/** What has become a directory meanwhile shows at the end. */
async function removeFile(place: Buffer): Promise<void> {
  await unlink(place).catch(ignore('ENOENT', 'EISDIR'));
}

function ignore(...codes: readonly string[]): (error: unknown) => void {
  return (error) => {
    if (!isOneOf(error, ...codes)) throw error;
  };
}

function isOneOf(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}
