import { measureDirectory } from '../../stats/directory-usage.ts';
import type { PodContext } from '../pod-context.ts';
import { quantityUnits } from '../quantity.ts';

const interval = 10_000;

/** Fails the pod when an emptyDir holds more than its sizeLimit; as stock kubelets evict it. */
export async function watchEmptyDirs(context: PodContext, signal: AbortSignal): Promise<void> {
  const limited = context.manifest.current.spec.volumes.flatMap(({ name, emptyDir }) =>
    emptyDir?.sizeLimit === undefined ? [] : [{ name, limit: emptyDir.sizeLimit }],
  );
  while (limited.length > 0 && !signal.aborted) {
    await context.components.clock.sleep(interval, { signal }).catch(() => undefined);
    for (const { name, limit } of limited) {
      const volume = context.volumes.mounted.get(name);
      if (volume === undefined || signal.aborted) continue;
      const { usedBytes } = await measureDirectory(volume.path);
      if (usedBytes <= quantityUnits(limit)) continue;
      const message = `Usage of EmptyDir volume "${name}" exceeds the limit "${limit}". `;
      context.event('Warning', 'Evicted', message);
      context.fail({ reason: 'Evicted', message });
      return;
    }
  }
}
