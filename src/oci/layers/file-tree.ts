import { OciError } from '../errors.ts';

/** Where a file's content is: which layer, and which of its entries. */
export interface FileSource {
  readonly layer: number;
  readonly entry: number;
}

export type TreeNode = DirectoryNode | FileNode | SymlinkNode;

export interface DirectoryNode {
  readonly kind: 'directory';
  /** The last layer that said something about the directory or what is below it. */
  layer: number;
  mode: number;
  readonly children: Map<string, TreeNode>;
  /** The last layer that hid all that lower ones had put here. */
  opaqueIn?: number;
}

export interface FileNode {
  readonly kind: 'file';
  readonly layer: number;
  readonly mode: number;
  readonly size: number;
  readonly mtime: Date;
  /** The same object for all hard links of one file. */
  readonly source: FileSource;
}

export interface SymlinkNode {
  readonly kind: 'symlink';
  readonly layer: number;
  readonly target: string;
}

export interface FileTreeInit {
  /** Called for each directory that only a path names, before it is made. */
  readonly onDirectory?: () => void;
  /** Called for each name that is looked up, before it is. */
  readonly onStep?: () => void;
}

const maxSymlinks = 40;
/** No path is longer, all that symbolic links put into it counted. */
const maxSteps = 8192;
const maxNameBytes = 255;
const maxDepth = 256;

/**
 * A file system in memory, without the contents. Paths are followed here and nowhere else, so no
 * symbolic link of an image ever meets the real file system: the root is where `..` ends.
 */
export class FileTree {
  readonly root: DirectoryNode = createDirectory(0);
  readonly #init: FileTreeInit;

  constructor(init: FileTreeInit = {}) {
    this.#init = init;
  }

  /** The node at a path, symbolic links followed; `undefined` where there is none. */
  find(path: string): { readonly path: string; readonly node: TreeNode } | undefined {
    const names = this.canonicalize(segments(path));
    const node = names && this.#at(names);
    return node && { path: `/${names.join('/')}`, node };
  }

  /**
   * Where names lead when every symbolic link is followed within the tree, from the directory
   * `base`, which must be canonical. Names that do not exist stay as they are. `undefined` where
   * links go in circles, or deeper than any path.
   */
  canonicalize(names: readonly string[], base: readonly string[] = []): string[] | undefined {
    const pending = [...names].reverse();
    const walk = new Walk(this.root, base);
    let followed = 0;
    let steps = 0;
    for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
      steps++;
      if (steps > maxSteps || walk.names.length > maxDepth) return undefined;
      this.#init.onStep?.();
      const node = walk.peek(name);
      if (node?.kind !== 'symlink') {
        walk.enter(name, node);
        continue;
      }
      followed++;
      if (followed > maxSymlinks) return undefined;
      if (node.target.startsWith('/')) walk.restart();
      pending.push(...segments(node.target).reverse());
    }
    return walk.names;
  }

  /** The directory at a canonical path, made where it is missing; what is no directory gives way. */
  makeDirectory(names: readonly string[], layer: number): DirectoryNode {
    let directory = this.root;
    directory.layer = layer;
    for (const name of names) {
      const next = directory.children.get(name);
      const child = next?.kind === 'directory' ? next : this.#createDirectory(layer);
      child.layer = layer;
      directory.children.set(name, child);
      directory = child;
    }
    return directory;
  }

  #createDirectory(layer: number): DirectoryNode {
    this.#init.onDirectory?.();
    return createDirectory(layer);
  }

  #at(names: readonly string[]): TreeNode | undefined {
    let node: TreeNode | undefined = this.root;
    for (const name of names) {
      if (node?.kind !== 'directory') return undefined;
      node = node.children.get(name);
    }
    return node;
  }
}

/** Where a path has led so far: the names, and the node that each of them has brought to. */
class Walk {
  readonly names: string[] = [];
  readonly #nodes: (TreeNode | undefined)[];

  constructor(root: DirectoryNode, base: readonly string[]) {
    this.#nodes = [root];
    for (const name of base) this.enter(name, this.peek(name));
  }

  peek(name: string): TreeNode | undefined {
    const here = this.#nodes.at(-1);
    return here?.kind === 'directory' && name !== '..' ? here.children.get(name) : undefined;
  }

  enter(name: string, node: TreeNode | undefined): void {
    if (name !== '..') {
      this.names.push(name);
      this.#nodes.push(node);
    } else if (this.names.pop() !== undefined) this.#nodes.pop();
  }

  restart(): void {
    this.names.length = 0;
    this.#nodes.length = 1;
  }
}

/** Splits a path into names; `.` and empty ones say nothing. `..` stays. */
export function segments(path: string): string[] {
  return path.split('/').filter((name) => name !== '' && name !== '.');
}

/**
 * Splits the path of an archive's entry.
 *
 * @throws OciError `UnsupportedImage` for paths that no honest archive has.
 */
export function entrySegments(path: string): string[] {
  const names = segments(path);
  const why = whyWrong(path, names);
  if (why === undefined) return names;
  throw new OciError('UnsupportedImage', `unpack entry '${shown(path)}': ${why}`);
}

/** So much of a path as an error needs. */
export function shown(path: string): string {
  return path.length > 200 ? `${path.slice(0, 200)}…` : path;
}

function whyWrong(path: string, names: readonly string[]): string | undefined {
  if (names.includes('..')) return "its path has '..'";
  if (path.includes('\0')) return 'its path has a NUL';
  if (names.length > maxDepth) return `its path is more than ${maxDepth} directories deep`;
  const isLong = names.some((name) => Buffer.byteLength(name) > maxNameBytes);
  return isLong ? `its path has a name of more than ${maxNameBytes} bytes` : undefined;
}

function createDirectory(layer: number): DirectoryNode {
  return { kind: 'directory', layer, mode: 0o755, children: new Map() };
}
