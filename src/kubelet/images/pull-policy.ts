import type { PodContainer } from '../pods/schema/container.ts';
import type { PullPolicy } from './image-source.ts';

/**
 * The pull policy of a container, or Kubernetes' default for its image: Always where the tag is
 * `latest` or missing, else IfNotPresent.
 */
export function pullPolicyOf({
  image,
  imagePullPolicy,
}: Pick<PodContainer, 'image' | 'imagePullPolicy'>): PullPolicy {
  if (imagePullPolicy !== undefined) return imagePullPolicy;
  if (image.includes('@')) return 'IfNotPresent';
  const tag = /:([^:/]+)$/.exec(image)?.[1] ?? 'latest';
  return tag === 'latest' ? 'Always' : 'IfNotPresent';
}
