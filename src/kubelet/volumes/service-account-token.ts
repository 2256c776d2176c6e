import type { AbortOptions } from '../../kubernetes/abort-options.ts';
import type { VolumeProjection } from '../pods/schema/volume.ts';
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

/** A token is for its pod's user alone where that is known, as stock kubelets have it. */
function tokenMode(pod: VolumeContext['pod'], defaultMode: number): number {
  const { securityContext, initContainers, containers } = pod.spec;
  const users = [...initContainers, ...containers].map(
    (container) => container.securityContext.runAsUser ?? securityContext.runAsUser,
  );
  const isOneUser = users[0] !== undefined && users.every((user) => user === users[0]);
  return isOneUser ? 0o600 : defaultMode;
}
