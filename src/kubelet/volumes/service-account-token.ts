import type { AbortOptions } from '../../kubernetes/abort-options.ts';
import type { VolumeProjection } from '../pods/schema/volume.ts';
import { fsUserOf } from './fs-user.ts';
import type { VolumeContext } from './volume-context.ts';
import type { VolumeContent } from './volume-files.ts';

type TokenProjection = NonNullable<VolumeProjection['serviceAccountToken']>;

/** The file of a projected ServiceAccount token, and when it has to be renewed. */
export async function serviceAccountTokenContent(
  { pod, tokens }: Pick<VolumeContext, 'pod' | 'tokens'>,
  { audience, expirationSeconds, path }: TokenProjection,
  defaultMode: number,
  options: AbortOptions = {},
): Promise<VolumeContent> {
  const { token, renewAt } = await tokens.get(pod, { audience, expirationSeconds }, options);
  return {
    files: new Map([[path, { bytes: Buffer.from(token), mode: tokenMode(pod, defaultMode) }]]),
    refreshAt: renewAt,
  };
}

/** A token is for its pod's user and fsGroup alone where these are known, as stock kubelets have it. */
function tokenMode(pod: VolumeContext['pod'], defaultMode: number): number {
  const { fsGroup } = pod.spec.securityContext;
  return fsUserOf(pod) === undefined && fsGroup === undefined ? defaultMode : 0o600;
}
