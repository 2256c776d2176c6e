import type { Pod } from '../pods/schema/pod.ts';

/** Where a pod comes from, as stock kubelets write it: `file` for static pods. */
export const sourceAnnotation = 'kubernetes.io/config.source';
/** A hash of a static pod's manifest. */
export const hashAnnotation = 'kubernetes.io/config.hash';
/** On a mirror pod: the hash of the static pod that it shows. */
export const mirrorAnnotation = 'kubernetes.io/config.mirror';

/** Whether the pod comes from a file on this node. */
export function isStatic({ metadata }: Pod): boolean {
  return metadata.annotations[sourceAnnotation] === 'file';
}

/** Whether the pod is what an API server shows of a static one. */
export function isMirror({ metadata }: Pod): boolean {
  return metadata.annotations[mirrorAnnotation] !== undefined;
}
