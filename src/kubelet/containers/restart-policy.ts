import type { PodContainer } from '../pods/schema/container.ts';
import type { Pod } from '../pods/schema/pod.ts';

type RestartPolicy = 'Always' | 'OnFailure' | 'Never';

/**
 * Says whether a container that ended with this code is started again: by the first of its
 * restart rules that fits, else by its own restart policy, else by its pod's. An init container
 * that did its work never is.
 */
export function shouldRestart(pod: Pod, container: PodContainer, exitCode: number): boolean {
  if (container.restartPolicyRules.some((rule) => fits(rule.exitCodes, exitCode))) return true;
  const policy = container.restartPolicy ?? policyOfPod(pod, container);
  switch (policy) {
    case 'Always':
      return true;
    case 'OnFailure':
      return exitCode !== 0;
    case 'Never':
      return false;
    default:
      return policy satisfies never;
  }
}

/** For an init container the pod's Always means: until it succeeds. */
function policyOfPod(pod: Pod, { name }: PodContainer): RestartPolicy {
  const isInit = pod.spec.initContainers.some((item) => item.name === name);
  return isInit && pod.spec.restartPolicy === 'Always' ? 'OnFailure' : pod.spec.restartPolicy;
}

function fits(
  codes: PodContainer['restartPolicyRules'][number]['exitCodes'],
  exitCode: number,
): boolean {
  return codes !== undefined && codes.values.includes(exitCode) === (codes.operator === 'In');
}
