import { mkdirSync } from 'node:fs';
import type { AbortOptions } from '../../kubernetes/abort-options.ts';
import type { PodVolume } from '../pods/schema/volume.ts';
import { writeAtomically } from './atomic-directory.ts';
import { mountClaim } from './claims/mount-claim.ts';
import { configMapFiles } from './config-map.ts';
import { downwardApiFiles } from './downward-api.ts';
import { mountEmptyDir } from './empty-dir.ts';
import { fileOwnerOf, readableForGroup } from './fs-user.ts';
import { mountHostPath } from './host-path.ts';
import { mountImage } from './image.ts';
import type { MountedVolume } from './mounted-volume.ts';
import { projectedContent } from './projected.ts';
import { secretFiles } from './secret.ts';
import { shareWithGroup } from './share-with-group.ts';
import type { VolumeContext } from './volume-context.ts';
import { VolumeError } from './volume-error.ts';
import type { VolumeContent } from './volume-files.ts';

/** A volume after it was made or made anew. */
export interface MountResult {
  readonly mounted: MountedVolume;
  /** When it has to be made anew even if nothing changed, in milliseconds since the epoch. */
  readonly refreshAt?: number;
}

/**
 * Makes a volume, or makes its content anew where it is there already.
 *
 * @throws {VolumeError} where something is missing, or the kind of volume is not known here
 */
export async function mountVolume(
  context: VolumeContext,
  options: AbortOptions = {},
): Promise<MountResult> {
  const { volume, directory } = context;
  const content = await contentOf(context, options);
  if (content !== undefined) {
    const inMemory = context.makeInMemory();
    const files = readableForGroup(content.files, context.pod);
    writeAtomically(inMemory, files, fileOwnerOf(context.pod));
    const { refreshAt } = content;
    return { mounted: filledPlace(inMemory), ...(refreshAt === undefined ? {} : { refreshAt }) };
  }
  if (volume.hostPath) return { mounted: await mountHostPath(volume.hostPath) };
  if (volume.image) return { mounted: await mountImage(context, volume.image, options) };
  if (volume.csi && context.csi)
    return { mounted: await context.csi.mountInline(context, options) };
  if (isClaimed(volume) && context.claims) {
    return { mounted: await mountClaim(context, context.claims, options) };
  }
  if (volume.emptyDir === undefined && kindOf(volume) !== undefined) throw unsupported(volume);
  mkdirSync(directory, { recursive: true });
  const mounted = await mountEmptyDir(context, volume.emptyDir ?? { medium: '' });
  await shareWithGroup(mounted.path, context.pod);
  return { mounted };
}

/** A volume that Kubernetes fills, in this directory. */
export function filledPlace(directory: string): MountedVolume {
  return { path: directory, readOnly: true };
}

/** The kubelet's name for the plugin that makes a volume, part of its path. */
export function pluginOf(volume: PodVolume): string {
  const names: Readonly<Record<string, string>> = {
    configMap: 'configmap',
    secret: 'secret',
    projected: 'projected',
    downwardAPI: 'downward-api',
    hostPath: 'host-path',
    image: 'image',
  };
  return `kubernetes.io~${names[kindOf(volume) ?? ''] ?? 'empty-dir'}`;
}

/** Whether pods write to the volume's own directory. */
export function isWritten(volume: PodVolume): boolean {
  return (kindOf(volume) ?? 'emptyDir') === 'emptyDir';
}

/** Whether a driver may have made the volume. */
export function isOfDriver(volume: PodVolume): boolean {
  return volume.csi !== undefined || isClaimed(volume);
}

/** Whether the volume is a PersistentVolume. */
function isClaimed({ persistentVolumeClaim, ephemeral }: PodVolume): boolean {
  return (persistentVolumeClaim ?? ephemeral) !== undefined;
}

/** Whether what the volume holds follows objects of the cluster while the pod runs. */
export function isRefreshed({ configMap, secret, projected, downwardAPI }: PodVolume): boolean {
  return (configMap ?? secret ?? projected ?? downwardAPI) !== undefined;
}

/** Content of a volume that is made of files which Kubernetes provides. */
async function contentOf(
  context: VolumeContext,
  options: AbortOptions,
): Promise<VolumeContent | undefined> {
  const { configMap, secret, projected, downwardAPI } = context.volume;
  if (configMap) return { files: await configMapFiles(context, configMap, options) };
  if (secret) {
    const source = { ...secret, name: secret.secretName };
    return { files: await secretFiles(context, source, options) };
  }
  if (projected) return projectedContent(context, projected, options);
  if (downwardAPI) return { files: downwardApiFiles(context, downwardAPI) };
  return undefined;
}

function kindOf(volume: PodVolume): string | undefined {
  return Object.keys(volume).find((key) => key !== 'name');
}

function unsupported(volume: PodVolume): VolumeError {
  const kind = kindOf(volume);
  const use = 'use configMap, secret, projected, downwardAPI, emptyDir, hostPath or image';
  return new VolumeError(`${kind} is not supported on this node: ${use}`);
}
