import type { AbortOptions } from '../../kubernetes/abort-options.ts';
import { type KeySelection, selectKeys } from './select-keys.ts';
import type { VolumeContext } from './volume-context.ts';
import { VolumeError } from './volume-error.ts';
import type { VolumeFiles } from './volume-files.ts';

/**
 * Files of a configMap volume or projection.
 *
 * @throws {VolumeError} where the ConfigMap or a key is missing and not optional
 */
export async function configMapFiles(
  { pod, objects }: Pick<VolumeContext, 'pod' | 'objects'>,
  { name, ...selection }: KeySelection & { readonly name: string },
  options: AbortOptions = {},
): Promise<VolumeFiles> {
  const { namespace } = pod.metadata;
  const configMap = await objects.configMap({ namespace, name }, options);
  if (configMap === undefined) {
    if (selection.optional) return new Map();
    throw new VolumeError(`configmap "${name}" not found`);
  }
  const data = new Map([
    ...Object.entries(configMap.data).map(([key, text]) => [key, Buffer.from(text)] as const),
    ...Object.entries(configMap.binaryData),
  ]);
  return selectKeys(`configmap ${namespace}/${name}`, data, selection);
}
