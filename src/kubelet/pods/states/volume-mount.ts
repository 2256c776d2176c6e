import { Backoff } from '../../../krator/queue/backoff.ts';
import type { State, StateOptions } from '../../../krator/states/state.ts';
import { messageOf } from '../../../kubernetes/message-of.ts';
import { startAhead } from '../../containers/start-ahead.ts';
import type { VolumeChanges } from '../../volumes/pod-volumes.ts';
import type { PodContext } from '../pod-context.ts';
import { Initializing } from './initializing.ts';

/** The pod's volumes are made, and kept up to date from then on. */
export class VolumeMount implements State<PodContext> {
  readonly name = 'VolumeMount';

  async next(context: PodContext, { signal }: StateOptions): Promise<Initializing> {
    const inner = context.working(signal);
    await mountUntilDone(context, inner);
    context.runBeside(
      context.volumes.keepFresh({ signal: inner, onError: (error) => report(context, error) }),
    );
    context.setReadyToStartContainers(true);
    return new Initializing();
  }
}

/** What a volume needs may come later: the pod waits for it, as with stock kubelets. */
async function mountUntilDone(context: PodContext, signal: AbortSignal): Promise<void> {
  const backoff = new Backoff({ firstDelay: 500, maxDelay: 122_000 });
  using followed = new DisposableStack();
  let changes: VolumeChanges | undefined;
  for (;;) {
    try {
      const mounting = context.volumes.mount(context.podIPs, { signal });
      if (changes === undefined) startAhead(context, mounting, { signal });
      await mounting;
      return;
    } catch (error) {
      signal.throwIfAborted();
      report(context, error);
      // Followed over all tries: who begins to follow may be told at once, and would try at once.
      changes ??= followed.use(context.volumes.follow());
      await changes.next(backoff.next(), signal);
      signal.throwIfAborted();
    }
  }
}

function report(context: PodContext, error: unknown): void {
  const message = messageOf(error);
  context.event('Warning', 'FailedMount', message);
}
