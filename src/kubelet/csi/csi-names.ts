import { createHash } from 'node:crypto';
import path from 'node:path';
import type { CsiVolumeData } from './csi-record.ts';

/** A volume of a driver's, as the driver knows it. */
export interface DriversVolume {
  readonly driver: string;
  readonly handle: string;
}

/** The handle of a volume that goes with its pod. */
export function inlineHandle({ uid }: { readonly uid: string }, volumeName: string): string {
  return `csi-${sha256(`${uid}${volumeName}`)}`;
}

/** The VolumeAttachment of a volume, as the attach-detach controller calls it. */
export function attachmentName({ driver, handle }: DriversVolume, nodeName: string): string {
  return `csi-${sha256(`${handle}${driver}${nodeName}`)}`;
}

/** A volume in a Node's status, as the attach-detach controller calls it. */
export function uniqueName({ driverName, volumeHandle }: CsiVolumeData): string {
  return `kubernetes.io/csi/${driverName}^${volumeHandle}`;
}

/** Where a volume is staged, once for all pods of the node. */
export function stagingPathOf(stagingDirectory: string, { driver, handle }: DriversVolume): string {
  return path.join(stagingDirectory, driver, sha256(handle), 'globalmount');
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
