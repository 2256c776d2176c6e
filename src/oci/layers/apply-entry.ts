import { OciError } from '../errors.ts';
import {
  type DirectoryNode,
  entrySegments,
  type FileSource,
  type FileTree,
  segments,
  shown,
  type TreeNode,
} from './file-tree.ts';
import type { TarHeader } from './tar-header.ts';

const whiteout = '.wh.';
const opaque = '.wh..wh..opq';
const maxTarget = 4096;
/** Neither set-user-id nor sticky bits come out of an image. */
const modeMask = 0o777;

/**
 * Applies one entry of a layer to the tree that the layers below it made.
 * https://github.com/opencontainers/image-spec/blob/main/layer.md#applying-changesets
 */
export function applyEntry(tree: FileTree, header: TarHeader, source: FileSource): void {
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
      `unpack entry '${shown(names.join('/'))}': symbolic links in its path go in circles, or too deep`,
    );
  }
  return tree.makeDirectory(canonical, layer);
}

function place(
  tree: FileTree,
  parent: DirectoryNode,
  name: string,
  header: TarHeader,
  source: FileSource,
): void {
  const { layer } = source;
  const mode = header.mode & modeMask;
  const { children } = parent;
  switch (header.type) {
    case 'file': {
      const { size, mtime } = header;
      children.set(name, { kind: 'file', layer, mode, size, mtime, source });
      return;
    }
    case 'directory': {
      const old = children.get(name);
      if (old?.kind === 'directory') {
        old.layer = layer;
        old.mode = mode;
      } else children.set(name, { kind: 'directory', layer, mode, children: new Map() });
      return;
    }
    case 'symlink':
      children.set(name, { kind: 'symlink', layer, target: symlinkTarget(header) });
      return;
    case 'link':
      children.set(name, { ...linkTarget(tree, header), layer });
      return;
    case 'other':
      // Devices and pipes have no use for a guest, but what they replace is gone.
      children.delete(name);
      return;
    default:
      header.type satisfies never;
  }
}

function symlinkTarget({ name, linkname }: TarHeader): string {
  if (linkname.length <= maxTarget && !linkname.includes('\0')) return linkname;
  throw new OciError(
    'UnsupportedImage',
    `unpack symbolic link '${shown(name)}': its target is absurd`,
  );
}

/** What a hard link shares; only its last name may be a symbolic link itself. */
function linkTarget(tree: FileTree, header: TarHeader): Exclude<TreeNode, DirectoryNode> {
  const names = entrySegments(header.linkname);
  const directory = tree.canonicalize(names.slice(0, -1));
  const parent = directory && tree.find(directory.join('/'))?.node;
  const node = parent?.kind === 'directory' ? parent.children.get(names.at(-1) ?? '') : undefined;
  if (node !== undefined && node.kind !== 'directory') return node;
  throw new OciError(
    'UnsupportedImage',
    `unpack hard link '${shown(header.name)}': there is no file '${shown(segments(header.linkname).join('/'))}' in the image`,
  );
}

function hideChild(parent: DirectoryNode, name: string, layer: number): void {
  const child = parent.children.get(name);
  if (child === undefined) return;
  if (child.layer < layer) parent.children.delete(name);
  else if (child.kind === 'directory') hideLower(child, layer);
}

/**
 * Hides what lower layers put below a directory; what this layer put there already stays. Once is
 * enough: what comes later is of this layer too.
 */
function hideLower(directory: DirectoryNode, layer: number): void {
  if (directory.opaqueIn === layer) return;
  directory.opaqueIn = layer;
  for (const name of directory.children.keys()) hideChild(directory, name, layer);
}
