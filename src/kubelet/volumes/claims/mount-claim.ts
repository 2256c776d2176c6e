import type { AbortOptions } from '../../../kubernetes/abort-options.ts';
import { mountHostPath } from '../host-path.ts';
import type { MountedVolume } from '../mounted-volume.ts';
import { shareWithGroup } from '../share-with-group.ts';
import type { VolumeContext } from '../volume-context.ts';
import { VolumeError } from '../volume-error.ts';
import type { ClaimedVolumes } from './claimed-volumes.ts';

/**
 * Gives a pod the PersistentVolume that its claim is bound to.
 *
 * @throws {VolumeError} where it cannot be had, or not yet
 */
export async function mountClaim(
  context: VolumeContext,
  claims: ClaimedVolumes,
  options: AbortOptions = {},
): Promise<MountedVolume> {
  const { pod, volume, csi } = context;
  const bound = await claims.of(pod, volume, options);
  const { metadata, spec } = bound;
  const readOnly = volume.persistentVolumeClaim?.readOnly ?? false;
  if (spec.hostPath) return { ...(await mountHostPath(spec.hostPath)), readOnly };
  if (spec.local) {
    const mounted = await mountHostPath({ path: spec.local.path, type: 'Directory' });
    if (!readOnly) await shareWithGroup(mounted.path, pod);
    return { ...mounted, readOnly };
  }
  if (spec.csi && csi) return csi.mountPersistent(context, bound, readOnly, options);
  throw new VolumeError(
    `PersistentVolume "${metadata.name}" is of a kind that is not supported on this node: use csi, local or hostPath`,
  );
}
