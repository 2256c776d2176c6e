/**
 * Builds the image of a node without Docker, as one layer over a base image with what Node needs:
 * `npm run build:image -- [--base REF] [--tag REF] [--output FILE]`. It goes to the registry of
 * `--tag`, to a file that `docker load` and others read, or to both. The same base and sources give
 * the same image.
 */
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { krustletVersion } from '../src/krustlet/cli/krustlet-version.ts';
import { RegistryAccess } from '../src/krustlet/images/registry-access.ts';
import { digestOf } from '../src/oci/content/digest.ts';
import { pushImage } from '../src/oci/push/push-image.ts';
import { fileSource } from '../src/oci/push/upload-blob.ts';
import { parseReference } from '../src/oci/reference/parse-reference.ts';
import { formatReference } from '../src/oci/reference/reference.ts';
import { fetchBaseImage } from './build-image/base-image.ts';
import { extendImage } from './build-image/extend-image.ts';
import { type BuiltImage, ImageLayout } from './build-image/image-layout.ts';
import { program, stageProgram } from './build-image/stage-program.ts';
import { treeArchive } from './build-image/tree-archive.ts';

const { values } = parseArgs({
  options: {
    base: { type: 'string', default: 'node:26-bookworm-slim' },
    tag: { type: 'string' },
    output: { type: 'string' },
  },
});

await main();

async function main(): Promise<void> {
  const { tag, output } = values;
  if (tag === undefined && output === undefined) {
    throw new Error('Cannot build an image for nobody: give --tag REF, --output FILE, or both');
  }
  const target = parseReference(tag ?? `krustlet:${krustletVersion()}`);
  const folder = mkdtempSync(path.join(os.tmpdir(), 'krustlet-image-'));
  try {
    await using access = new RegistryAccess(process.env, {});
    const layout = new ImageLayout(path.join(folder, 'layout'));
    const image = await build(access, layout, path.join(folder, 'tree'));
    layout.finish(image, formatReference(target));
    if (output !== undefined) {
      await pipeline(treeArchive(layout.folder), createWriteStream(output));
    }
    if (tag !== undefined) {
      const files = [image.config, ...image.layers];
      const blobs = files.map((blob) => fileSource(layout.file(blob.digest), blob));
      await pushImage(access.client, { ...image, blobs }, target, access);
    }
    console.log(`${formatReference(target)}\n${digestOf(image.manifest)}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function build(
  access: RegistryAccess,
  layout: ImageLayout,
  tree: string,
): Promise<BuiltImage> {
  const reference = parseReference(values.base);
  const base = await fetchBaseImage(access, reference, layout);
  stageProgram(tree);
  const layer = await layout.putTree(tree);
  return extendImage(base, layer, layout, {
    entrypoint: [program],
    labels: {
      'org.opencontainers.image.title': 'krustlet',
      'org.opencontainers.image.version': krustletVersion(),
      'org.opencontainers.image.base.name': formatReference(reference),
    },
    createdBy: 'npm run build:image',
  });
}
