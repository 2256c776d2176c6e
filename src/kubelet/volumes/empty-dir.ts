import { chmod, readlink, symlink } from 'node:fs/promises';
import path from 'node:path';
import type { EmptyDirSource } from '../pods/schema/volume.ts';
import type { MountedVolume } from './mounted-volume.ts';
import type { VolumeContext } from './volume-context.ts';

/** Makes an emptyDir: the volume's own directory, or one in memory that it links to. */
export async function mountEmptyDir(
  { directory, makeInMemory }: VolumeContext,
  { medium }: EmptyDirSource,
): Promise<MountedVolume> {
  if (medium !== 'Memory') return open(directory);
  const inMemory = makeInMemory();
  await linkOnce(path.join(directory, 'memory'), inMemory);
  return open(inMemory);
}

/** Whoever the pod's containers run as may write. */
async function open(directory: string): Promise<MountedVolume> {
  await chmod(directory, 0o777);
  return { path: directory, readOnly: false };
}

async function linkOnce(link: string, target: string): Promise<void> {
  const current = await readlink(link).catch(() => undefined);
  if (current !== target) await symlink(target, link);
}
