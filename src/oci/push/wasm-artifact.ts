import { digestOf } from '../content/digest.ts';
import {
  krustletConfigType,
  krustletLayerType,
  ociManifestType,
  wasmConfigType,
  wasmLayerType,
} from '../content/media-types.ts';
import type { BlobInfo } from '../store/blob-store.ts';
import type { WasmDescription } from '../wasm/describe-wasm.ts';

/** Which layout a module is pushed in: the CNCF's, or the one of Krustlet 1.0. */
const artifactFormats = ['cncf', 'krustlet'] as const;
export type ArtifactFormat = (typeof artifactFormats)[number];

/** A manifest and a config, as the bytes that are pushed. */
export interface WasmArtifact {
  readonly mediaType: string;
  readonly manifest: Uint8Array;
  readonly config: Uint8Array;
}

export interface WasmArtifactInit {
  /** @default 'cncf' */
  readonly format?: ArtifactFormat;
  readonly author?: string;
  readonly created?: Date;
  readonly annotations?: Readonly<Record<string, string>>;
}

const types = {
  cncf: { config: wasmConfigType, layer: wasmLayerType },
  krustlet: { config: krustletConfigType, layer: krustletLayerType },
} as const satisfies Record<ArtifactFormat, { config: string; layer: string }>;

/** Wraps a module as an artifact. The same module and settings give the same bytes. */
export function wasmArtifact(
  module: BlobInfo,
  description: WasmDescription,
  init: WasmArtifactInit = {},
): WasmArtifact {
  const format = init.format ?? 'cncf';
  const config = encode(format === 'cncf' ? wasmConfig(module, description, init) : {});
  const manifest = encode({
    schemaVersion: 2,
    mediaType: ociManifestType,
    config: { mediaType: types[format].config, digest: digestOf(config), size: config.length },
    layers: [{ mediaType: types[format].layer, digest: module.digest, size: module.size }],
    ...(init.annotations && { annotations: init.annotations }),
  });
  return { mediaType: ociManifestType, manifest, config };
}

/** https://tag-runtime.cncf.io/wgs/wasm/deliverables/wasm-oci-artifact/#configmediatype */
function wasmConfig(
  { digest }: BlobInfo,
  { kind, imports, exports }: WasmDescription,
  { author, created = new Date(0) }: WasmArtifactInit,
): unknown {
  return {
    created: created.toISOString(),
    ...(author !== undefined && { author }),
    architecture: 'wasm',
    os: kind === 'component' ? 'wasip2' : 'wasip1',
    layerDigests: [digest],
    // Only components have it: readers tell by it that the layer is one.
    ...(kind === 'component' && { component: { exports, imports, target: null } }),
  };
}

function encode(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}
