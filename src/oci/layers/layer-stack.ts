import type { AbortOptions } from '../abort-options.ts';
import { OciError } from '../errors.ts';
import { applyEntry } from './apply-entry.ts';
import { type FileNode, FileTree } from './file-tree.ts';
import { LayerBudget, type LayerLimits } from './layer-budget.ts';
import { layerEntries } from './layer-entries.ts';

/** The layers of an image, whose files are read only when somebody wants their content. */
export class LayerStack {
  readonly tree: FileTree;
  readonly #files: readonly string[];
  readonly #limits: LayerLimits;

  constructor(tree: FileTree, files: readonly string[], limits: LayerLimits) {
    this.tree = tree;
    this.#files = files;
    this.#limits = limits;
  }

  /**
   * Reads what is in the layers, the lowest first, without writing anything.
   *
   * @param files Paths of the layers' archives.
   * @throws OciError `UnsupportedImage` or `TooLarge`
   */
  static async read(
    files: readonly string[],
    limits: LayerLimits = {},
    options: AbortOptions = {},
  ): Promise<LayerStack> {
    const budget = new LayerBudget(limits);
    const tree = new FileTree({
      onDirectory: () => budget.spendEntry(),
      onStep: () => budget.spendStep(),
    });
    for (const [layer, file] of files.entries()) {
      let entry = 0;
      for await (const { header } of layerEntries(file, budget, options)) {
        applyEntry(tree, header, { layer, entry });
        entry++;
      }
    }
    return new LayerStack(tree, files, limits);
  }

  /** The content of one file. */
  async *content({ source }: FileNode, options: AbortOptions = {}): AsyncGenerator<Uint8Array> {
    for await (const { entry, chunks } of this.contents(source.layer, options)) {
      if (entry !== source.entry) continue;
      yield* chunks;
      return;
    }
    throw new OciError('UnsupportedImage', `unpack layer ${source.layer}: it changed meanwhile`);
  }

  /** The contents of one layer's entries, to be read in their order or skipped. */
  async *contents(
    layer: number,
    options: AbortOptions = {},
  ): AsyncGenerator<{ readonly entry: number; readonly chunks: AsyncIterable<Uint8Array> }> {
    const file = this.#files[layer];
    if (file === undefined) return;
    let entry = 0;
    for await (const { chunks } of layerEntries(file, new LayerBudget(this.#limits), options)) {
      yield { entry, chunks };
      entry++;
    }
  }
}
