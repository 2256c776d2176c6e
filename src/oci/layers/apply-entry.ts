import type { Header } from 'tar-stream';
import { OciError } from '../errors.ts';
import {
  type DirectoryNode,
  entrySegments,
  type FileSource,
  type FileTree,
  segments,
  type TreeNode,
} from './file-tree.ts';

const whiteout = '.wh.';
const opaque = '.wh..wh..opq';
const maxTarget = 4096;
/** Neither set-user-id nor sticky bits come out of an image. */
const modeMask = 0o777;

/**
 * Applies one entry of a layer to the tree that the layers below it made.
 * https://github.com/opencontainers/image-spec/blob/main/layer.md#applying-changesets
 */
export function applyEntry(tree: FileTree, header: Header, source: FileSource): void {
  const names = entrySegments(header.name);
  const name = names.at(-1);
  if (name === undefined) return;
  const { layer } = source;
  const parent = parentOf(tree, names, layer);
  if (name === opaque) hideLower(parent, layer);
  else if (name.startsWith(whiteout)) hideChild(parent, name.slice(whiteout.length), layer);
  else place(tree, parent, name, header, source);
}

/** The directory that an entry goes to: links in its path are followed, within the tree. */
function parentOf(tree: FileTree, names: readonly string[], layer: number): DirectoryNode {
  const canonical = tree.canonicalize(names.slice(0, -1));
  if (canonical === undefined) {
    throw new OciError(
      'UnsupportedImage',
      `unpack entry '${names.join('/')}': symbolic links in its path go in circles`,
    );
  }
  return tree.makeDirectory(canonical, layer);
}

function place(
  tree: FileTree,
  parent: DirectoryNode,
  name: string,
  header: Header,
  source: FileSource,
): void {
  const { layer } = source;
  const mode = header.mode & modeMask;
  const { children } = parent;
  switch (header.type) {
    case 'file':
    case 'contiguous-file': {
      const { size, mtime } = header;
      children.set(name, { kind: 'file', layer, mode, size, mtime, source });
      return;
    }
    case 'directory': {
      const old = children.get(name);
      const kept = old?.kind === 'directory' ? old.children : new Map<string, TreeNode>();
      children.set(name, { kind: 'directory', layer, mode, children: kept });
      return;
    }
    case 'symlink':
      children.set(name, { kind: 'symlink', layer, target: symlinkTarget(header) });
      return;
    case 'link':
      children.set(name, { ...linkTarget(tree, header), layer });
      return;
    default:
      // Devices and pipes have no use for a guest, but what they replace is gone.
      children.delete(name);
  }
}

function symlinkTarget(header: Header): string {
  const target = linkOf(header);
  if (target.length <= maxTarget && !target.includes('\0')) return target;
  throw new OciError(
    'UnsupportedImage',
    `unpack symbolic link '${header.name}': its target is absurd`,
  );
}

/** What a hard link shares; only its last name may be a symbolic link itself. */
function linkTarget(tree: FileTree, header: Header): Exclude<TreeNode, DirectoryNode> {
  const names = entrySegments(linkOf(header));
  const directory = tree.canonicalize(names.slice(0, -1));
  const parent = directory && tree.find(directory.join('/'))?.node;
  const node = parent?.kind === 'directory' ? parent.children.get(names.at(-1) ?? '') : undefined;
  if (node !== undefined && node.kind !== 'directory') return node;
  throw new OciError(
    'UnsupportedImage',
    `unpack hard link '${header.name}': there is no file '${segments(linkOf(header)).join('/')}' in the image`,
  );
}

/** Only links have a name to lead to, and a hostile archive's may lack one. */
function linkOf({ linkname }: Header): string {
  return (linkname as string | null) ?? '';
}

function hideChild(parent: DirectoryNode, name: string, layer: number): void {
  const child = parent.children.get(name);
  if (child === undefined) return;
  if (child.layer < layer) parent.children.delete(name);
  else if (child.kind === 'directory') hideLower(child, layer);
}

/** Hides what lower layers put below a directory; what this layer put there already stays. */
function hideLower(directory: DirectoryNode, layer: number): void {
  for (const name of [...directory.children.keys()]) hideChild(directory, name, layer);
}
