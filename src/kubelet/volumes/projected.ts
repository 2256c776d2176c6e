import type { AbortOptions } from '../../kubernetes/abort-options.ts';
import type { ProjectedSource, VolumeProjection } from '../pods/schema/volume.ts';
import { configMapFiles } from './config-map.ts';
import { downwardApiFiles } from './downward-api.ts';
import { secretFiles } from './secret.ts';
import { serviceAccountTokenContent } from './service-account-token.ts';
import type { VolumeContext } from './volume-context.ts';
import { VolumeError } from './volume-error.ts';
import type { VolumeContent } from './volume-files.ts';

/**
 * Content of a projected volume: the files of all its sources, a later one over an earlier.
 *
 * @throws {VolumeError} where something is missing that is not optional
 */
export async function projectedContent(
  context: VolumeContext,
  { sources, defaultMode }: ProjectedSource,
  options: AbortOptions = {},
): Promise<VolumeContent> {
  const contents = await Promise.all(
    sources.map((source) => contentOf(context, source, defaultMode, options)),
  );
  const times = contents.flatMap(({ refreshAt }) => refreshAt ?? []);
  return {
    files: new Map(contents.flatMap(({ files }) => [...files])),
    ...(times.length === 0 ? {} : { refreshAt: Math.min(...times) }),
  };
}

async function contentOf(
  context: VolumeContext,
  source: VolumeProjection,
  defaultMode: number,
  options: AbortOptions,
): Promise<VolumeContent> {
  const { configMap, secret, downwardAPI, serviceAccountToken } = source;
  if (configMap) {
    return { files: await configMapFiles(context, { ...configMap, defaultMode }, options) };
  }
  if (secret) return { files: await secretFiles(context, { ...secret, defaultMode }, options) };
  if (downwardAPI) {
    return { files: downwardApiFiles(context, { ...downwardAPI, defaultMode }) };
  }
  if (serviceAccountToken) {
    return serviceAccountTokenContent(context, serviceAccountToken, defaultMode, options);
  }
  if (source.clusterTrustBundle?.optional) return { files: new Map() };
  throw new VolumeError(
    `projected source ${Object.keys(source).join()} is not supported here: remove it`,
  );
}
