import type { Pod } from '../../kubelet/pods/schema/pod.ts';
import { isOciError } from '../../oci/errors.ts';
import { imageName } from '../../oci/reference/image-name.ts';

/** Names, as the store has them, of all images that pods refer to, image volumes included. */
export function imagesInUse(pods: readonly Pod[]): ReadonlySet<string> {
  const references = pods.flatMap(({ spec }) => [
    ...[...spec.initContainers, ...spec.containers].map(({ image }) => image),
    ...spec.volumes.flatMap(({ image }) => image?.reference ?? []),
  ]);
  return new Set(references.flatMap(nameOf));
}

/** A reference that cannot be read names no image that is here. */
function nameOf(reference: string): readonly string[] {
  try {
    return [imageName(reference)];
  } catch (error) {
    if (isOciError(error)) return [];
    throw error;
  }
}
