import { chmod, link, mkdir, open, rename, rm, symlink } from 'node:fs/promises';
import path from 'node:path';
import type { AbortOptions } from '../abort-options.ts';
import { asDiskError, writeFully } from '../store/write-file.ts';
import type { DirectoryNode, FileNode, SymlinkNode, TreeNode } from './file-tree.ts';
import { segments } from './file-tree.ts';
import type { LayerStack } from './layer-stack.ts';

/**
 * Unpacks a whole image into a directory that must not exist yet, and that appears when it is
 * complete. Only the finished tree is written, symbolic links last and each straight to where it
 * leads within the tree: no link exists while files are written, and none leads out afterwards.
 * Owners, devices and extended attributes are left behind. Until then it is beside it, under a
 * `temporaryName`.
 *
 * @throws OciError `DiskFull`
 */
export async function unpack(
  stack: LayerStack,
  directory: string,
  options: AbortOptions = {},
): Promise<void> {
  const temporary = temporaryName(directory);
  try {
    await mkdir(temporary, { mode: 0o700 });
    const tree = collect(stack.tree.root);
    for (const { place } of tree.directories) await mkdir(pathOf(temporary, place));
    await writeFiles(stack, tree.files, temporary, options);
    for (const { place, node } of tree.symlinks) await writeSymlink(stack, temporary, place, node);
    for (const { place, node } of tree.directories.reverse()) {
      await chmod(pathOf(temporary, place), node.mode);
    }
    await chmod(temporary, 0o755);
    await rename(temporary, directory);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw asDiskError(error, `unpack into '${directory}'`);
  }
}

/** A name for what is made of a directory, or left of it; the process's id tells whether its maker lives. */
export function temporaryName(directory: string): string {
  return `${directory}.${process.pid}-${crypto.randomUUID()}.tmp`;
}

/** A name and the directory that it is in: paths share what they have in common. */
interface Place {
  readonly directory: Place | undefined;
  readonly name: string;
}

interface Located<N extends TreeNode> {
  readonly place: Place;
  readonly node: N;
}

interface Collected {
  readonly directories: Located<DirectoryNode>[];
  readonly files: Located<FileNode>[];
  readonly symlinks: Located<SymlinkNode>[];
}

/** Everything below a directory, parents before their children. */
function collect(
  directory: DirectoryNode,
  inside?: Place,
  into: Collected = { directories: [], files: [], symlinks: [] },
): Collected {
  for (const [name, node] of directory.children) {
    const place = { directory: inside, name };
    switch (node.kind) {
      case 'directory':
        into.directories.push({ place, node });
        collect(node, place, into);
        break;
      case 'file':
        into.files.push({ place, node });
        break;
      case 'symlink':
        into.symlinks.push({ place, node });
        break;
      default:
        node satisfies never;
    }
  }
  return into;
}

/** Reads each layer once; the first name of a file gets the content, the others become links. */
async function writeFiles(
  stack: LayerStack,
  files: readonly Located<FileNode>[],
  root: string,
  options: AbortOptions,
): Promise<void> {
  const byLayer = Map.groupBy(files, ({ node }) => node.source.layer);
  for (const [layer, inLayer] of byLayer) {
    const byEntry = Map.groupBy(inLayer, ({ node }) => node.source.entry);
    for await (const { entry, chunks } of stack.contents(layer, options)) {
      const [first, ...others] = byEntry.get(entry) ?? [];
      if (first === undefined) continue;
      const file = pathOf(root, first.place);
      await writeFile(file, chunks, first.node);
      for (const { place } of others) await link(file, pathOf(root, place));
    }
  }
}

async function writeFile(
  file: string,
  chunks: AsyncIterable<Uint8Array>,
  { mode, mtime }: FileNode,
): Promise<void> {
  await using handle = await open(file, 'wx', 0o600);
  let size = 0;
  for await (const chunk of chunks) {
    await writeFully(handle, chunk, size);
    size += chunk.length;
  }
  await handle.chmod(mode);
  await handle.utimes(mtime, mtime);
}

async function writeSymlink(
  { tree }: LayerStack,
  root: string,
  place: Place,
  { target }: SymlinkNode,
): Promise<void> {
  const names = namesOf(place);
  const parent = names.slice(0, -1);
  const base = target.startsWith('/') ? [] : parent;
  // A link in circles stays one, by leading to itself.
  const canonical = tree.canonicalize(segments(target), base) ?? names;
  const relative = path.posix.relative(`/${parent.join('/')}`, `/${canonical.join('/')}`);
  await symlink(relative === '' ? '.' : relative, path.join(root, ...names));
}

function pathOf(root: string, place: Place): string {
  return path.join(root, ...namesOf(place));
}

function namesOf(place: Place): string[] {
  const names: string[] = [];
  for (let at: Place | undefined = place; at !== undefined; at = at.directory) names.push(at.name);
  return names.reverse();
}
