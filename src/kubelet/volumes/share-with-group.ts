import { chmod, chown, stat } from 'node:fs/promises';
import type { Pod } from '../pods/schema/pod.ts';

/**
 * Lets the pod's fsGroup, and nobody else, write to a directory. New files of one with the
 * set-group-ID bit belong to it.
 */
export async function shareWithGroup(directory: string, pod: Pod): Promise<void> {
  const { fsGroup } = pod.spec.securityContext;
  if (fsGroup === undefined) return;
  const { mode } = await stat(directory);
  await chown(directory, -1, fsGroup);
  await chmod(directory, (mode & 0o7777) | 0o2770);
}
