/** Manifests of one image. */
export const manifestTypes = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
] as const;

/** Lists of manifests, one a platform. */
export const indexTypes = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
] as const;

export const ociManifestType = manifestTypes[0];

/** Config of the CNCF's Wasm artifact. https://tag-runtime.cncf.io/wgs/wasm/deliverables/wasm-oci-artifact/ */
export const wasmConfigType = 'application/vnd.wasm.config.v0+json';
/** Layer of the CNCF's Wasm artifact. */
export const wasmLayerType = 'application/wasm';

/** Config and layer that Krustlet 1.0 and wasm-to-oci write. */
export const krustletConfigType = 'application/vnd.wasm.config.v1+json';
export const krustletLayerType = 'application/vnd.wasm.content.layer.v1+wasm';

/** Layers that are a module, and who writes them. */
export const moduleLayerTypes: Readonly<Record<string, string>> = {
  [wasmLayerType]: 'CNCF Wasm artifact',
  [krustletLayerType]: 'Krustlet 1.0',
  'application/vnd.module.wasm.content.layer.v1+wasm': 'wasmCloud',
  'application/vnd.bytecodealliance.wasm.component.layer.v0+wasm': 'runwasi',
  'application/vnd.bytecodealliance.wasm.module.layer.v0+wasm': 'runwasi',
};

const filesystemLayer =
  /^application\/vnd\.(?:oci\.image\.layer(?:\.nondistributable)?\.v1\.tar(?:[+](?:gzip|zstd))?|docker\.image\.rootfs(?:\.foreign)?\.diff\.tar(?:\.gzip|\.zstd)?)$/;

/** Whether a layer of this type is a change to a file system. */
export function isFilesystemLayer(mediaType: string): boolean {
  return filesystemLayer.test(mediaType);
}
