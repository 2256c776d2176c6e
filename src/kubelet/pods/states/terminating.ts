import type { State, StateOptions } from '../../../krator/states/state.ts';
import { abortable } from '../../abortable.ts';
import type { PodContext } from '../pod-context.ts';
import { stopContainers } from '../stop-containers.ts';
import { Terminated } from './terminated.ts';

/** The pod is deleted: its containers are ended within the grace period. */
export class Terminating implements State<PodContext> {
  readonly name = 'Terminating';

  async next(context: PodContext, { signal }: StateOptions): Promise<Terminated> {
    context.finish();
    await context.settled();
    const over = new AbortController();
    const hurry = shortenGrace(context, AbortSignal.any([signal, over.signal]));
    try {
      await abortable(stopContainers(context, graceOf(context)), signal);
    } finally {
      over.abort();
      await hurry;
    }
    return new Terminated();
  }
}

function graceOf({ manifest }: PodContext): number {
  const { metadata, spec } = manifest.current;
  return metadata.deletionGracePeriodSeconds ?? spec.terminationGracePeriodSeconds;
}

/** Who deletes a pod again with a shorter grace period gets it. */
async function shortenGrace(context: PodContext, signal: AbortSignal): Promise<void> {
  let grace = graceOf(context);
  const stops: Promise<void>[] = [];
  try {
    for (;;) {
      await context.manifest.changed({ signal });
      if (graceOf(context) >= grace) continue;
      grace = graceOf(context);
      stops.push(stopContainers(context, grace));
    }
  } catch (reason) {
    if (!signal.aborted) throw reason;
  }
  await Promise.all(stops);
}
