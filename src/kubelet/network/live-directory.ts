import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Names of files that are not whole yet; no address and no rule is called so. */
const temporary = '.next';

/**
 * A directory whose small files containers read at any time: each is replaced as a whole, and only
 * where it changes. What an earlier life of this process left is known.
 */
export class LiveDirectory {
  readonly path: string;
  readonly #texts = new Map<string, string | undefined>();

  /** Makes the directory; any container may look into it that it is shown to. */
  constructor(directory: string) {
    this.path = directory;
    mkdirSync(directory, { recursive: true, mode: 0o755 });
    for (const name of readdirSync(directory)) this.#texts.set(name, undefined);
  }

  get names(): readonly string[] {
    return [...this.#texts.keys()];
  }

  put(name: string, text: string): void {
    if (this.#texts.get(name) === text) return;
    const next = path.join(this.path, temporary);
    writeFileSync(next, text, { mode: 0o644 });
    renameSync(next, path.join(this.path, name));
    this.#texts.set(name, text);
  }

  remove(name: string): void {
    rmSync(path.join(this.path, name), { force: true });
    this.#texts.delete(name);
  }
}

/** Removes what an earlier life wrote into a directory, and leaves it to those who look into it. */
export function emptyDirectory(directory: string): void {
  if (!existsSync(directory)) return;
  for (const name of readdirSync(directory)) rmSync(path.join(directory, name), { force: true });
}
