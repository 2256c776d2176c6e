import type { State, StateOptions } from '../../../krator/states/state.ts';
import { messageOf } from '../../../kubernetes/message-of.ts';
import { ImageError } from '../../images/image-error.ts';
import { ProviderError } from '../../provider.ts';
import { VolumeError } from '../../volumes/volume-error.ts';
import { backOffPulling } from '../back-off-pulling.ts';
import { ConfigError } from '../config-error.ts';
import type { ContainerLife } from '../container-life.ts';
import { startError } from '../container-record.ts';
import { shouldRestart } from '../restart-policy.ts';
import { ContainerTerminated } from './container-terminated.ts';
import { ContainerWaiting } from './container-waiting.ts';

/** The container could not be started; it says why and is tried again. */
export class StartBackOff implements State<ContainerLife> {
  readonly name = 'StartBackOff';
  readonly #error: unknown;

  constructor(error: unknown) {
    this.#error = error;
  }

  async next(
    life: ContainerLife,
    { signal }: StateOptions,
  ): Promise<ContainerWaiting | ContainerTerminated> {
    if (this.#error instanceof ImageError) {
      await backOffPulling([{ life, error: this.#error }], life.pullFailures.next(), signal);
      return new ContainerWaiting();
    }
    const { reason, message } = describe(this.#error);
    life.failToStart(reason, message);
    life.event('Warning', 'Failed', `Error: ${message}`);
    if (reason === 'RunContainerError' && isLastStart(life)) return giveUp(life, message);
    await life.pod.components.clock.sleep(delayAfter(this.#error, life), { signal });
    return new ContainerWaiting();
  }
}

/** A container that ran and failed would not be started again either: a Job goes on without it. */
function isLastStart({ pod, spec }: ContainerLife): boolean {
  return !shouldRestart(pod.manifest.current, spec, startError.exitCode);
}

function giveUp({ record, pod }: ContainerLife, message: string): ContainerTerminated {
  const now = pod.components.clock.now();
  record.failStart(message, new Date(now).toISOString());
  return new ContainerTerminated(startError.exitCode, now);
}

/** What is shown of an error: its Kubernetes reason where it has one. */
function describe(error: unknown): { readonly reason: string; readonly message: string } {
  const message = messageOf(error);
  if (error instanceof ProviderError || error instanceof ConfigError)
    return { reason: error.code, message };
  const reason =
    error instanceof VolumeError ? 'CreateContainerConfigError' : 'CreateContainerError';
  return { reason, message };
}

/** What a configuration lacks may come soon; a start that fails is likely to fail again. */
function delayAfter(error: unknown, { startFailures, crashes, pod }: ContainerLife): number {
  if (error instanceof ConfigError || error instanceof VolumeError) return startFailures.next();
  return Math.max(crashes.next(pod.components.clock.now()), startFailures.next());
}
