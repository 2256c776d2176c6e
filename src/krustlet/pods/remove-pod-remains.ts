import { memoryDirectory, removeMemoryDirectory } from '../../kubelet/pods/memory-directory.ts';
import { PodDirectories } from '../../kubelet/pods/pod-directories.ts';
import { removeTree } from '../../kubelet/volumes/remove-tree.ts';

/** Removes the volumes of a pod whose process was killed before it could do so. */
export async function removePodRemains(dataDir: string, uid: string): Promise<void> {
  const directories = new PodDirectories(dataDir, { memory: memoryDirectory(dataDir) });
  await removeTree(directories.ofPod({ uid }));
  await removeTree(directories.inMemory({ uid }));
  await removeMemoryDirectory(directories.memory);
}
