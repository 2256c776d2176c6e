import { measureDirectory } from '../../stats/directory-usage.ts';
import type { PodContext } from '../pod-context.ts';
import { quantityUnits } from '../quantity.ts';

/** What is needed of a pod. */
export interface WatchedPod extends Pick<PodContext, 'event' | 'fail'> {
  readonly components: Pick<PodContext['components'], 'clock'>;
  readonly manifest: Pick<PodContext['manifest'], 'current'>;
  readonly volumes: Pick<PodContext['volumes'], 'mounted'>;
}

/** Shortest time between two rounds, in milliseconds. */
const minInterval = 10_000;

/** Measuring takes at most one part in so many of the time. */
const dutyCycle = 10;

/**
 * Fails the pod when an emptyDir holds more than its sizeLimit, as stock kubelets evict it, or more
 * files than are counted.
 */
export async function watchEmptyDirs(context: WatchedPod, signal: AbortSignal): Promise<void> {
  const { clock } = context.components;
  const limited = context.manifest.current.spec.volumes.flatMap(({ name, emptyDir }) =>
    emptyDir?.sizeLimit === undefined ? [] : [{ name, limit: emptyDir.sizeLimit }],
  );
  let took = 0;
  while (limited.length > 0 && !signal.aborted) {
    const interval = Math.max(minInterval, took * dutyCycle);
    await clock.sleep(interval, { signal }).catch(() => undefined);
    const started = clock.now();
    for (const volume of limited) {
      const excess = signal.aborted ? undefined : await excessOf(context, volume, signal);
      if (excess === undefined) continue;
      context.event('Warning', 'Evicted', excess);
      context.fail({ reason: 'Evicted', message: excess });
      return;
    }
    took = clock.now() - started;
  }
}

interface LimitedVolume {
  readonly name: string;
  readonly limit: string;
}

/** Says what the volume has too much of; undefined where it has not. */
async function excessOf(
  context: WatchedPod,
  { name, limit }: LimitedVolume,
  signal: AbortSignal,
): Promise<string | undefined> {
  const volume = context.volumes.mounted.get(name);
  if (volume === undefined) return undefined;
  try {
    const { usedBytes, inodes, isComplete } = await measureDirectory(volume.path, { signal });
    if (usedBytes > quantityUnits(limit)) {
      return `Usage of EmptyDir volume "${name}" exceeds the limit "${limit}". `;
    }
    if (isComplete) return undefined;
    return `Usage of EmptyDir volume "${name}" cannot be held to the limit "${limit}": it has more than ${inodes} files, or deeper directories than are counted. `;
  } catch (error) {
    // It is measured again; who may change the volume must not end the node by that.
    if (!signal.aborted) {
      context.event('Warning', 'FailedMeasure', `Cannot measure "${name}": ${String(error)}`);
    }
    return undefined;
  }
}
