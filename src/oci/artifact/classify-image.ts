import type { Descriptor } from '../content/descriptor.ts';
import type { ImageManifest } from '../content/manifest.ts';
import { isFilesystemLayer, moduleLayerTypes, wasmConfigType } from '../content/media-types.ts';
import { OciError } from '../errors.ts';

/** How an image holds its content. */
export type ImageShape =
  /** One layer is the module. */
  | { readonly kind: 'module'; readonly layer: Descriptor }
  /** The layers build a file system. */
  | { readonly kind: 'filesystem'; readonly layers: readonly Descriptor[] };

/**
 * Tells from an image's manifest how it holds its content.
 *
 * @throws OciError `UnsupportedImage`, naming the types of the layers that were found.
 */
export function classifyImage(manifest: ImageManifest, what: string): ImageShape {
  const { layers } = manifest;
  const modules = layers.filter(({ mediaType }) => isModuleLayer(mediaType));
  const [module, ...others] = modules;
  if (module !== undefined && others.length === 0) return { kind: 'module', layer: module };
  if (module !== undefined) {
    throw unsupported(what, `${modules.length} layers are modules, one is allowed`, manifest);
  }
  if (layers.length > 0 && layers.every(({ mediaType }) => isFilesystemLayer(mediaType))) {
    return { kind: 'filesystem', layers };
  }
  throw unsupported(what, 'no layer is a WebAssembly module', manifest);
}

/** Types end in `wasm` by convention, so that new ones are understood without being listed. */
function isModuleLayer(mediaType: string): boolean {
  return Object.hasOwn(moduleLayerTypes, mediaType) || /^application\/\S+\+wasm$/.test(mediaType);
}

function unsupported(what: string, why: string, { config, layers }: ImageManifest): OciError {
  const found = layers.map(({ mediaType, digest }) => `${mediaType} (${digest.slice(0, 19)})`);
  const list = found.length === 0 ? 'no layers' : `layers ${found.join(', ')}`;
  return new OciError(
    'UnsupportedImage',
    `read ${what}: ${why}: found config ${nameConfig(config.mediaType)} and ${list}`,
  );
}

function nameConfig(mediaType: string): string {
  if (mediaType.startsWith('application/vnd.fermyon.spin.')) return `${mediaType} (a Spin app)`;
  if (mediaType.startsWith('application/vnd.cncf.helm.')) return `${mediaType} (a Helm chart)`;
  return mediaType === wasmConfigType ? `${mediaType} (CNCF Wasm artifact)` : mediaType;
}
