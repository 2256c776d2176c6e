import { createHash } from 'node:crypto';
import type { Script } from './scripted-server.ts';

export interface ScriptedBlob {
  readonly mediaType: string;
  readonly bytes: Buffer;
  readonly platform?: { readonly os: string; readonly architecture: string };
  readonly annotations?: Readonly<Record<string, string>>;
}

/** The digest that bytes really have. */
export function sha256(bytes: Uint8Array): `sha256:${string}` {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** A descriptor of a blob that tells the truth. */
export function describeBlob({ bytes, ...rest }: ScriptedBlob) {
  return { ...rest, digest: sha256(bytes), size: bytes.length };
}

const manifestType = 'application/vnd.oci.image.manifest.v1+json';
const indexType = 'application/vnd.oci.image.index.v1+json';

/** An image as a registry holds it; what a test replaces in it becomes a lie. */
export class ScriptedImage {
  readonly manifest: Buffer;
  readonly digest: string;
  readonly #content = new Map<string, { readonly bytes: Buffer; readonly type: string }>();

  constructor(layers: readonly ScriptedBlob[], config: Partial<ScriptedBlob> = {}) {
    const { mediaType = 'application/vnd.wasm.config.v0+json', bytes = Buffer.from('{}') } = config;
    const parts = [{ mediaType, bytes }, ...layers];
    for (const part of parts) this.#add(part.bytes, part.mediaType);
    const [first, ...others] = parts.map(describeBlob);
    const manifest = { schemaVersion: 2, mediaType: manifestType, config: first, layers: others };
    this.manifest = Buffer.from(JSON.stringify(manifest));
    this.digest = this.#add(this.manifest, manifestType);
  }

  /** An index over images, one for each platform. */
  static index(images: readonly (readonly [ScriptedImage, os: string, architecture: string])[]) {
    const manifests = images.map(([{ manifest }, os, architecture]) =>
      describeBlob({ mediaType: manifestType, bytes: manifest, platform: { os, architecture } }),
    );
    const whole = new ScriptedImage([]);
    for (const [image] of images)
      for (const [key, part] of image.#content) whole.#content.set(key, part);
    const bytes = Buffer.from(
      JSON.stringify({ schemaVersion: 2, mediaType: indexType, manifests }),
    );
    const digest = whole.#add(bytes, indexType);
    return { digest, script: whole.#serve(digest) };
  }

  /** Serves the image under every tag. */
  get script(): Script {
    return this.#serve(this.digest);
  }

  #serve(tagged: string): Script {
    return (request, response) => {
      const [path = ''] = (request.url ?? '').split('?');
      const [, kind = '', name = ''] = /^\/v2\/.+\/(manifests|blobs)\/(.+)$/.exec(path) ?? [];
      const digest = kind === 'manifests' && !name.startsWith('sha256:') ? tagged : name;
      const found = this.#content.get(digest);
      if (path === '/v2/') return response.writeHead(200).end();
      if (found === undefined) return false;
      const [, from = '0'] = /^bytes=(\d+)-/.exec(request.headers.range ?? '') ?? [];
      const start = Number(from);
      response.writeHead(start > 0 ? 206 : 200, {
        'content-type': found.type,
        'docker-content-digest': digest,
        'content-length': found.bytes.length - start,
        ...(start > 0 && {
          'content-range': `bytes ${start}-${found.bytes.length - 1}/${found.bytes.length}`,
        }),
      });
      return response.end(request.method === 'HEAD' ? undefined : found.bytes.subarray(start));
    };
  }

  #add(bytes: Buffer, type: string): string {
    const digest = sha256(bytes);
    this.#content.set(digest, { bytes, type });
    return digest;
  }
}
