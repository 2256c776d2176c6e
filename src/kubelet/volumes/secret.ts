import type { AbortOptions } from '../../kubernetes/abort-options.ts';
import { type KeySelection, selectKeys } from './select-keys.ts';
import type { VolumeContext } from './volume-context.ts';
import { VolumeError } from './volume-error.ts';
import type { VolumeFiles } from './volume-files.ts';

/**
 * Files of a secret volume or projection.
 *
 * @throws {VolumeError} where the Secret or a key is missing and not optional
 */
export async function secretFiles(
  { pod, objects }: Pick<VolumeContext, 'pod' | 'objects'>,
  { name, ...selection }: KeySelection & { readonly name: string },
  options: AbortOptions = {},
): Promise<VolumeFiles> {
  const { namespace } = pod.metadata;
  const secret = await objects.secret({ namespace, name }, options);
  if (secret === undefined) {
    if (selection.optional) return new Map();
    throw new VolumeError(`secret "${name}" not found`);
  }
  const data = new Map(Object.entries(secret.data));
  return selectKeys(`secret ${namespace}/${name}`, data, selection);
}
