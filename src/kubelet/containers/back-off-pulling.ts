import type { ImageError } from '../images/image-error.ts';
import type { ContainerLife } from './container-life.ts';

/** How long a container shows the error itself before it shows that it waits. */
const showErrorFor = 1_000;

/** A container whose image could not be pulled. */
export interface FailedPull {
  readonly life: ContainerLife;
  readonly error: ImageError;
}

/** Has containers show why their images cannot be pulled, and waits before the next try. */
export async function backOffPulling(
  failed: readonly FailedPull[],
  delay: number,
  signal: AbortSignal,
): Promise<void> {
  const clock = failed[0]?.life.pod.components.clock;
  for (const { life, error } of failed) showError(life, error);
  await clock?.sleep(Math.min(delay, showErrorFor), { signal });
  for (const { life, error } of failed) showBackOff(life, error);
  await clock?.sleep(Math.max(delay - showErrorFor, 0), { signal });
}

function showError(life: ContainerLife, error: ImageError): void {
  const { code } = error;
  const { reason, shown, told } = inWords(life.spec.image, error);
  life.failToStart(code, shown);
  life.event('Warning', reason, told);
  life.event('Warning', 'Failed', `Error: ${code}`);
}

/** What a container shows and an Event tells, with its reason: as stock kubelets put it. */
function inWords(image: string, { code, message }: ImageError) {
  if (code === 'InvalidImageName') {
    const text = `Failed to apply default image tag "${image}": ${message}`;
    return { reason: 'InspectFailed', shown: text, told: text };
  }
  if (code === 'ErrImageNeverPull') {
    const text = `Container image "${image}" is not present with pull policy of Never`;
    return { reason: code, shown: text, told: text };
  }
  return { reason: 'Failed', shown: message, told: `Failed to pull image "${image}": ${message}` };
}

/** A name that is wrong, or a policy that forbids to pull, is no matter of time. */
function showBackOff(life: ContainerLife, { code, message }: ImageError): void {
  if (code === 'InvalidImageName' || code === 'ErrImageNeverPull') return;
  const what = `Back-off pulling image "${life.spec.image}"`;
  life.record.wait('ImagePullBackOff', `${what}: ${code}: ${message}`);
  life.event('Normal', 'BackOff', what);
}
