import { rm } from 'node:fs/promises';
import { memoryDirectory, removeMemoryDirectory } from '../../kubelet/pods/memory-directory.ts';
import { PodDirectories } from '../../kubelet/pods/pod-directories.ts';

/** Removes the volumes of a pod whose process was killed before it could do so. */
export async function removePodRemains(dataDir: string, uid: string): Promise<void> {
  const directories = new PodDirectories(dataDir, { memory: memoryDirectory(dataDir) });
  await rm(directories.ofPod({ uid }), { recursive: true, force: true });
  await rm(directories.inMemory({ uid }), { recursive: true, force: true });
  await removeMemoryDirectory(directories.memory);
}
