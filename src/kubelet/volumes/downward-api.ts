import { fieldReference } from '../containers/environment/field-reference.ts';
import { resourceFieldReference } from '../containers/environment/resource-field-reference.ts';
import type { DownwardApiSource } from '../pods/schema/volume.ts';
import type { VolumeContext } from './volume-context.ts';
import type { VolumeFiles } from './volume-files.ts';

type Item = DownwardApiSource['items'][number];

/**
 * Files of a downwardAPI volume or projection: fields of the pod, as they are now.
 *
 * @throws {ConfigError} where a field or resource is not one that can be had
 */
export function downwardApiFiles(
  context: Pick<VolumeContext, 'pod' | 'node' | 'podIPs'>,
  { items, defaultMode }: Pick<DownwardApiSource, 'items' | 'defaultMode'>,
): VolumeFiles {
  return new Map(
    items.map((item) => [
      item.path,
      { bytes: Buffer.from(textOf(context, item)), mode: item.mode ?? defaultMode },
    ]),
  );
}

function textOf(
  { pod, node, podIPs }: Pick<VolumeContext, 'pod' | 'node' | 'podIPs'>,
  { fieldRef, resourceFieldRef }: Item,
): string {
  if (resourceFieldRef) {
    return resourceFieldReference(pod, undefined, node.allocatable, resourceFieldRef);
  }
  if (fieldRef) return fieldReference(pod, { podIPs, hostIPs: node.hostIPs }, fieldRef.fieldPath);
  return '';
}
