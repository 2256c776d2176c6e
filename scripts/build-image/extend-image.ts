import { readFileSync } from 'node:fs';
import * as v from 'valibot';
import type { ImageManifest } from '../../src/oci/content/manifest.ts';
import { platform } from './base-image.ts';
import type { BuiltImage, ImageLayout, NewLayer } from './image-layout.ts';

const docker = 'application/vnd.docker.distribution.manifest.v2+json';

const labels = v.nullish(v.record(v.string(), v.string()), {});

/** Only what is changed is known; whatever else the base says stays as it is. */
const configSchema = v.looseObject({
  architecture: v.literal(platform.architecture),
  os: v.literal(platform.os),
  config: v.nullish(v.looseObject({ Cmd: v.optional(v.unknown()), Labels: labels })),
  rootfs: v.looseObject({ type: v.literal('layers'), diff_ids: v.array(v.string()) }),
  history: v.optional(v.array(v.unknown())),
});

export interface ExtensionInit {
  readonly entrypoint: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  /** Who has made the layer, in the image's history. */
  readonly createdBy: string;
}

/** The image that a base and one layer more give. The same ones give the same bytes. */
export function extendImage(
  base: ImageManifest,
  layer: NewLayer,
  layout: ImageLayout,
  init: ExtensionInit,
): BuiltImage {
  const { config: settings, rootfs, history = [], ...rest } = readConfig(base, layout);
  // What a base runs by itself would be taken for arguments.
  const { Cmd: _, Labels, ...kept } = settings ?? {};
  const config = encode({
    ...rest,
    config: {
      ...kept,
      Entrypoint: init.entrypoint,
      Labels: { ...Labels, ...init.labels },
    },
    rootfs: { ...rootfs, diff_ids: [...rootfs.diff_ids, layer.diffId] },
    history: [...history, { created_by: init.createdBy }],
  });
  const isDockers = base.mediaType === docker;
  const added = {
    mediaType: isDockers
      ? 'application/vnd.docker.image.rootfs.diff.tar.gzip'
      : 'application/vnd.oci.image.layer.v1.tar+gzip',
    digest: layer.digest,
    size: layer.size,
  };
  const described = {
    mediaType: base.config.mediaType,
    digest: layout.put(config),
    size: config.length,
  };
  const layers = [...base.layers, added];
  const { mediaType } = base;
  const manifest = encode({ schemaVersion: 2, mediaType, config: described, layers });
  return { mediaType, manifest, config: described, layers };
}

function readConfig({ config }: ImageManifest, layout: ImageLayout) {
  return v.parse(configSchema, JSON.parse(readFileSync(layout.file(config.digest), 'utf8')));
}

function encode(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}
