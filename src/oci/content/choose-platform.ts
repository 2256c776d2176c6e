import { OciError } from '../errors.ts';
import type { Descriptor, Platform } from './descriptor.ts';
import type { ImageIndex } from './manifest.ts';

/** What the puller of an image wants from it. */
export type Content = 'module' | 'filesystem';

const wasmSystems = ['wasip1', 'wasi', 'wasip2', 'wasip3'];

/**
 * Chooses from an index: for a module the best Wasm platform, for a file system that or, as files
 * have no architecture, one for this machine's (`host`), or whatever there is only one of.
 *
 * @throws OciError `UnsupportedImage`, naming the platforms that the index has.
 */
export function choosePlatform(
  index: ImageIndex,
  { content, host, what }: { content: Content; host: Platform; what: string },
): Descriptor {
  const images = index.manifests.filter((manifest) => !isAttestation(manifest));
  const ranked = images
    .map((manifest) => ({ manifest, rank: rankOf(manifest.platform, content, host) }))
    .filter(({ rank }) => rank > 0)
    .sort((a, b) => b.rank - a.rank);
  const best = ranked[0]?.manifest;
  if (best !== undefined) return best;
  if (images.length === 1 && images[0] && (content === 'filesystem' || !images[0].platform)) {
    return images[0];
  }
  throw new OciError('UnsupportedImage', `choose from ${what}: ${whyNone(images)}`);
}

function rankOf(platform: Platform | undefined, content: Content, host: Platform): number {
  if (platform === undefined) return 0;
  const wasm = wasmRank(platform);
  if (wasm > 0 || content === 'module') return wasm;
  const isHosts = platform.os === host.os && platform.architecture === host.architecture;
  return isHosts ? 1 : 0;
}

/** wasip1 first, as every node runs it; any other spelling of wasm is still a candidate. */
function wasmRank({ os, architecture }: Platform): number {
  if (!/^wasm(32)?\b/.test(architecture) && !wasmSystems.includes(os)) return 0;
  const position = wasmSystems.indexOf(os);
  return position < 0 ? 2 : 10 - position;
}

/** Build tools add attestations as images for a platform that nothing has. */
function isAttestation({ platform, annotations }: Descriptor): boolean {
  return platform?.os === 'unknown' || annotations?.['vnd.docker.reference.type'] !== undefined;
}

function whyNone(images: readonly Descriptor[]): string {
  const names = images.map(({ platform }) =>
    platform === undefined ? 'one without a platform' : formatPlatform(platform),
  );
  const found = names.length === 0 ? 'no images' : [...new Set(names)].join(', ');
  return `it has no image for wasip1/wasm or another Wasm platform, only ${found}`;
}

function formatPlatform({ os, architecture, variant }: Platform): string {
  return [os, architecture, ...(variant ? [variant] : [])].join('/');
}
