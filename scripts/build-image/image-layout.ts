import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { Descriptor } from '../../src/oci/content/descriptor.ts';
import { type Digest, digestOf, digestParts, finishDigest } from '../../src/oci/content/digest.ts';
import { treeArchive } from './tree-archive.ts';

/** A layer that was made here. */
export interface NewLayer {
  readonly digest: Digest;
  readonly size: number;
  /** Digest of the archive before it was compressed. */
  readonly diffId: Digest;
}

/** A manifest as bytes, and what it refers to. */
export interface BuiltImage {
  readonly mediaType: string;
  readonly manifest: Uint8Array;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}

/**
 * A folder with one image, its blobs named by digest.
 * https://github.com/opencontainers/image-spec/blob/main/image-layout.md
 */
export class ImageLayout {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
    mkdirSync(path.join(folder, 'blobs', 'sha256'), { recursive: true });
  }

  /** Where the blob is, or shall be. */
  file(digest: Digest): string {
    return path.join(this.folder, nameOf(digest));
  }

  /** Adds a blob. */
  put(bytes: Uint8Array): Digest {
    const digest = digestOf(bytes);
    writeFileSync(this.file(digest), bytes);
    return digest;
  }

  /** Adds all that is below a folder, as a compressed layer. */
  async putTree(tree: string): Promise<NewLayer> {
    const unfinished = path.join(this.folder, randomUUID());
    const [diff, blob] = [createHash('sha256'), createHash('sha256')];
    let size = 0;
    await pipeline(
      treeArchive(tree),
      tap((chunk) => void diff.update(chunk)),
      createGzip(),
      tap((chunk) => {
        blob.update(chunk);
        size += chunk.length;
      }),
      createWriteStream(unfinished),
    );
    const digest = finishDigest(blob);
    renameSync(unfinished, this.file(digest));
    return { digest, size, diffId: finishDigest(diff) };
  }

  /** Names the image, for who reads the folder: in the way of the specification and of `docker load`. */
  finish({ manifest, mediaType, config, layers }: BuiltImage, name: string): void {
    const annotations = {
      'io.containerd.image.name': name,
      'org.opencontainers.image.ref.name': name.split(':').at(-1),
    };
    const entry = { mediaType, digest: this.put(manifest), size: manifest.length, annotations };
    this.#write('oci-layout', { imageLayoutVersion: '1.0.0' });
    this.#write('index.json', { schemaVersion: 2, manifests: [entry] });
    const paths = layers.map(({ digest }) => nameOf(digest));
    this.#write('manifest.json', [
      { Config: nameOf(config.digest), RepoTags: [name], Layers: paths },
    ]);
  }

  #write(name: string, content: unknown): void {
    writeFileSync(path.join(this.folder, name), JSON.stringify(content));
  }
}

function nameOf(digest: Digest): string {
  const { algorithm, hex } = digestParts(digest);
  return `blobs/${algorithm}/${hex}`;
}

function tap(see: (chunk: Uint8Array) => void) {
  return async function* (chunks: AsyncIterable<Uint8Array>) {
    for await (const chunk of chunks) {
      see(chunk);
      yield chunk;
    }
  };
}
