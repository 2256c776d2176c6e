import type { KeyToPath } from '../pods/schema/volume.ts';
import { VolumeError } from './volume-error.ts';
import type { VolumeFile, VolumeFiles } from './volume-files.ts';

/** What the items of a volume's source say beside the keys. */
export interface KeySelection {
  readonly items: readonly KeyToPath[];
  readonly defaultMode: number;
  readonly optional: boolean;
}

/**
 * Makes files of the keys of a ConfigMap or Secret: of all, or of those that the items name.
 *
 * @param what names the object in messages, such as `configmap default/settings`
 * @throws {VolumeError} where an item names a key that is missing and not optional
 */
export function selectKeys(
  what: string,
  data: ReadonlyMap<string, Buffer>,
  { items, defaultMode, optional }: KeySelection,
): VolumeFiles {
  if (items.length === 0) {
    return new Map([...data].map(([key, bytes]) => [key, { bytes, mode: defaultMode }]));
  }
  const files = new Map<string, VolumeFile>();
  for (const { key, path, mode } of items) {
    const bytes = data.get(key);
    if (bytes !== undefined) files.set(path, { bytes, mode: mode ?? defaultMode });
    else if (!optional) throw new VolumeError(`${what} has no key "${key}"`);
  }
  return files;
}
