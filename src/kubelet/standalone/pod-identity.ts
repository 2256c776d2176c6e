import { createHash } from 'node:crypto';
import type { Pod } from '../pods/schema/pod.ts';

/**
 * Gives a pod from a file a uid that follows from what the file says: the same pod has the same
 * uid after a restart, a changed one is another pod.
 *
 * @param node tells the pods of different nodes apart
 */
export function withStableUid(pod: Pod, node: string): Pod {
  const hash = createHash('sha256')
    .update(JSON.stringify([node, pod]))
    .digest('hex');
  return withUid(pod, hash.slice(0, 32));
}

/** Gives a pod from a file a uid of its own, so that running the file again runs another pod. */
export function withFreshUid(pod: Pod): Pod {
  return withUid(pod, crypto.randomUUID().replaceAll('-', ''));
}

function withUid(pod: Pod, hex: string): Pod {
  const uid = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  return { ...pod, metadata: { ...pod.metadata, uid } };
}
