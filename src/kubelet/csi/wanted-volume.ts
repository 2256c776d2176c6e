import type { PersistentVolume } from '../pods/schema/persistent-volume.ts';
import type { VolumeContext } from '../volumes/volume-context.ts';
import { VolumeError } from '../volumes/volume-error.ts';
import { accessModes, type VolumeCapability } from './csi-api.ts';
import type { CsiDriverSettings } from './csi-cluster.ts';
import type { CsiDriver } from './csi-driver.ts';
import { type DriversVolume, inlineHandle } from './csi-names.ts';

export interface SecretReference {
  readonly namespace: string;
  readonly name: string;
}

/** A volume that a driver is to make. */
export interface WantedVolume extends DriversVolume {
  /** The name of its directory. */
  readonly name: string;
  readonly isInline: boolean;
  readonly readOnly: boolean;
  readonly fsType: string;
  readonly accessMode: string;
  readonly mountOptions: readonly string[];
  readonly attributes: Readonly<Record<string, string>>;
  readonly stageSecret?: SecretReference | undefined;
  readonly publishSecret?: SecretReference | undefined;
}

/** What a PersistentVolume says. @throws {VolumeError} for one that no driver makes */
export function persistentVolume(
  { metadata, spec }: PersistentVolume,
  isReading: boolean,
): WantedVolume {
  const { csi } = spec;
  if (csi === undefined) throw new VolumeError(`"${metadata.name}" has no CSI driver`);
  return {
    driver: csi.driver,
    handle: csi.volumeHandle,
    name: metadata.name,
    isInline: false,
    readOnly: isReading || csi.readOnly,
    fsType: csi.fsType,
    accessMode: spec.accessModes[0] ?? 'ReadWriteOnce',
    mountOptions: spec.mountOptions,
    attributes: csi.volumeAttributes,
    stageSecret: csi.nodeStageSecretRef,
    publishSecret: csi.nodePublishSecretRef,
  };
}

/** What a pod's spec says of a volume that goes with the pod. @throws {VolumeError} */
export function inlineVolume({ pod, volume }: VolumeContext): WantedVolume {
  const { csi } = volume;
  if (csi === undefined) throw new VolumeError(`volume "${volume.name}" has no CSI driver`);
  const secret = csi.nodePublishSecretRef;
  return {
    driver: csi.driver,
    handle: inlineHandle(pod.metadata, volume.name),
    name: volume.name,
    isInline: true,
    readOnly: csi.readOnly,
    fsType: csi.fsType ?? '',
    accessMode: 'ReadWriteOnce',
    mountOptions: [],
    attributes: csi.volumeAttributes ?? {},
    publishSecret: secret && { namespace: pod.metadata.namespace, name: secret.name },
  };
}

/** @throws {VolumeError} where the driver makes no volumes that live so long */
export function checkMode(
  { driver, isInline }: WantedVolume,
  { lifecycleModes }: CsiDriverSettings,
): void {
  const mode = isInline ? 'Ephemeral' : 'Persistent';
  if (lifecycleModes.includes(mode)) return;
  const known = lifecycleModes.join(', ');
  throw new VolumeError(
    `volume mode "${mode}" not supported by driver ${driver} (only supports ["${known}"])`,
  );
}

/** What a driver is told of the pod, where it wants to know. */
export function podInfo(
  { pod }: VolumeContext,
  { isInline }: WantedVolume,
  { podInfoOnMount }: CsiDriverSettings,
): Readonly<Record<string, string>> {
  if (!podInfoOnMount) return {};
  const { metadata, spec } = pod;
  return {
    'csi.storage.k8s.io/pod.name': metadata.name,
    'csi.storage.k8s.io/pod.namespace': metadata.namespace,
    'csi.storage.k8s.io/pod.uid': metadata.uid,
    'csi.storage.k8s.io/serviceAccount.name': spec.serviceAccountName ?? 'default',
    'csi.storage.k8s.io/ephemeral': String(isInline),
  };
}

/** How the volume is going to be used. */
export function capabilityOf(
  { accessMode, fsType, mountOptions }: WantedVolume,
  { tellsWriters }: CsiDriver,
): VolumeCapability {
  return {
    mount: { fsType, mountFlags: mountOptions },
    accessMode: { mode: modeOf(accessMode, tellsWriters) },
  };
}

function modeOf(accessMode: string, tellsWriters: boolean): number {
  switch (accessMode) {
    case 'ReadWriteMany':
      return accessModes.multiNodeMultiWriter;
    case 'ReadOnlyMany':
      return accessModes.multiNodeReaderOnly;
    case 'ReadWriteOncePod':
      return tellsWriters ? accessModes.singleNodeSingleWriter : accessModes.singleNodeWriter;
    default:
      return tellsWriters ? accessModes.singleNodeMultiWriter : accessModes.singleNodeWriter;
  }
}
