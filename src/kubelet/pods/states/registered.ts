import type { State, StateOptions } from '../../../krator/states/state.ts';
import type { PodContext } from '../pod-context.ts';
import { unsupportedFeatures } from '../unsupported-features.ts';
import { Admitted } from './admitted.ts';
import { Completed } from './completed.ts';
import { Failed } from './failed.ts';

/** The pod is known; whether it may run here is decided. One that has ended never runs again. */
export class Registered implements State<PodContext> {
  readonly name = 'Registered';

  async next(
    context: PodContext,
    { signal }: StateOptions,
  ): Promise<Admitted | Completed | Failed> {
    const pod = context.manifest.current;
    if (pod.status.phase === 'Succeeded') return new Completed();
    if (pod.status.phase === 'Failed') return new Failed();
    const [unsupported] = unsupportedFeatures(pod);
    if (unsupported) return refuse(context, unsupported);
    const decision = await context.components.admission.admit(pod, { signal });
    if (decision.kind === 'refused') return refuse(context, decision.failure);
    context.runtimeHandler = decision.runtimeHandler;
    return new Admitted();
  }
}

function refuse(
  context: PodContext,
  failure: { readonly reason: string; readonly message: string },
): Failed {
  const message = `Pod was rejected: ${failure.message}`;
  context.event('Warning', failure.reason, failure.message);
  context.fail({ reason: failure.reason, message });
  return new Failed();
}
