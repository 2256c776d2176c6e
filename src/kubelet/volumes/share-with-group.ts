import { chmod, chown } from 'node:fs/promises';
import type { Pod } from '../pods/schema/pod.ts';

/** New files of a directory with the set-group-ID bit belong to the pod's fsGroup. */
export async function shareWithGroup(directory: string, pod: Pod): Promise<void> {
  const { fsGroup } = pod.spec.securityContext;
  if (fsGroup === undefined) return;
  await chown(directory, -1, fsGroup);
  await chmod(directory, 0o2777);
}
