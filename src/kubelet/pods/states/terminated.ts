import { Backoff } from '../../../krator/queue/backoff.ts';
import type { State, StateOptions } from '../../../krator/states/state.ts';
import { removeTree } from '../../volumes/remove-tree.ts';
import type { PodContext } from '../pod-context.ts';

/**
 * Nothing of the pod runs: its last status is written, what it left on this node is removed, and
 * then it is removed from its source.
 */
export class Terminated implements State<PodContext> {
  readonly name = 'Terminated';

  async next(context: PodContext, { signal }: StateOptions): Promise<undefined> {
    const { directories, settings } = context.components;
    const pod = context.manifest.current;
    context.finish();
    context.setReadyToStartContainers(false);
    await context.status.flush(signal);
    signal.throwIfAborted();
    if (!settings.keepContainers) await removeContainers(context);
    await context.volumes.remove();
    if (!settings.keepLogs) {
      await removeTree(directories.logsOfPod(pod.metadata));
    }
    await context.release();
    await removeFromSource(context, signal);
    await context.close();
  }
}

async function removeContainers({ containers, found }: PodContext): Promise<void> {
  await Promise.all([...containers.values()].map((life) => life.remove()));
  await Promise.all(found.map((container) => container.remove()));
}

async function removeFromSource(context: PodContext, signal: AbortSignal): Promise<void> {
  const backoff = new Backoff({ firstDelay: 200, maxDelay: 30_000, jitter: 0.5 });
  for (;;) {
    try {
      await context.components.pods.delete(context.manifest.current, { signal });
      return;
    } catch (_error) {
      signal.throwIfAborted();
      if (context.manifest.isGone) return;
      await context.components.clock.sleep(backoff.next(), { signal });
    }
  }
}
