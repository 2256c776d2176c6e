import { defaultTag, type Reference } from './reference/reference.ts';

/** When a registry is asked for an image. */
const pullPolicies = ['Always', 'IfNotPresent', 'Never'] as const;
export type PullPolicy = (typeof pullPolicies)[number];

/**
 * The policy where none is given: tags that move are asked for each time.
 * https://kubernetes.io/docs/concepts/containers/images/#imagepullpolicy-defaulting
 */
export function defaultPullPolicy({ tag, digest }: Reference): PullPolicy {
  return digest === undefined && (tag ?? defaultTag) === defaultTag ? 'Always' : 'IfNotPresent';
}
