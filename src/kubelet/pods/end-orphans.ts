import { csiDirectories } from '../csi/csi-record.ts';
import type { Container, PodIdentity } from '../provider.ts';
import { removeTree } from '../volumes/remove-tree.ts';
import type { PodComponents } from './pod-components.ts';

/** What is left to containers of which nobody can say any more how long they may take to end. */
const graceSeconds = 30;

/** Ends containers whose pods were deleted while nobody looked, and removes what the pods left. */
export async function endOrphans(
  orphans: readonly Container[],
  { directories, network, settings }: Pick<PodComponents, 'directories' | 'network' | 'settings'>,
  signal: AbortSignal,
): Promise<void> {
  const pods = Map.groupBy(orphans, ({ config }) => config.pod.uid);
  await Promise.all(
    [...pods.values()].map(async (containers) => {
      const hasEnded = await Promise.all(containers.map((container) => end(container, signal)));
      const [first] = containers;
      if (hasEnded.includes(false) || first === undefined) return;
      await removeFiles(first.config.pod);
      await network.release(first.config.pod.uid);
    }),
  );

  async function removeFiles(pod: PodIdentity): Promise<void> {
    const left = [directories.inMemory(pod)];
    // Where drivers have volumes, they take them back first: see NodeStorage.
    const ofPod = directories.ofPod(pod);
    if ((await csiDirectories(ofPod)).length === 0) left.push(ofPod);
    if (!settings.keepLogs) left.push(directories.logsOfPod(pod));
    for (const path of left) await removeTree(path);
  }
}

/** `false` where the signal aborted first. */
async function end(container: Container, signal: AbortSignal): Promise<boolean> {
  try {
    await container.stop(graceSeconds, { signal });
    await container.remove();
    return true;
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  }
}
