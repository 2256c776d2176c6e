import type { ImageConfig } from '../content/image-config.ts';
import { OciError } from '../errors.ts';
import { type DirectoryNode, type FileNode, type FileTree, shown } from './file-tree.ts';

const maxListed = 5;
/** More directories of PATH are not looked into. */
const maxSearched = 64;
/** Linux opens no longer path either. */
const maxPathLength = 4096;

/**
 * Finds the file that an image runs: its Entrypoint's, or else its Cmd's first word. A word
 * without a slash is looked for as a shell would, in the first 64 directories of PATH, and in the
 * working directory.
 *
 * @throws OciError `UnsupportedImage`, naming the modules that the image has elsewhere.
 */
export function findProgram(
  tree: FileTree,
  config: ImageConfig,
  what: string,
): { readonly path: string; readonly node: FileNode } {
  const word = config.entrypoint[0] ?? config.cmd[0];
  if (word === undefined) throw notFound(tree, what, 'it has neither Entrypoint nor Cmd');
  for (const candidate of candidates(word, config)) {
    if (candidate.length > maxPathLength) continue;
    const found = tree.find(candidate);
    if (found?.node.kind === 'file') return { path: found.path, node: found.node };
  }
  throw notFound(tree, what, `its entrypoint '${shown(word)}' is no file in it`);
}

function candidates(word: string, { env, workingDir = '/' }: ImageConfig): string[] {
  if (word.startsWith('/')) return [word];
  const here = `${workingDir}/${word}`;
  if (word.includes('/')) return [here];
  const path = env.find(({ name }) => name === 'PATH')?.value ?? '';
  const directories = path.split(':', maxSearched).filter((directory) => directory !== '');
  return [here, ...directories.map((directory) => `${directory}/${word}`), `/${word}`];
}

function notFound(tree: FileTree, what: string, why: string): OciError {
  const modules = [...wasmFiles(tree.root, '').take(maxListed + 1)];
  const listed = modules.slice(0, maxListed).join(', ');
  const found =
    modules.length === 0
      ? 'and no file in it ends in .wasm'
      : `but it has ${listed}${modules.length > maxListed ? ', …' : ''}: name one as Entrypoint`;
  return new OciError('UnsupportedImage', `find the module of ${what}: ${why}, ${found}`);
}

function* wasmFiles(directory: DirectoryNode, path: string): Generator<string> {
  for (const [name, node] of directory.children) {
    const here = `${path}/${name}`;
    if (node.kind === 'directory') yield* wasmFiles(node, here);
    else if (node.kind === 'file' && name.endsWith('.wasm')) yield here;
  }
}
