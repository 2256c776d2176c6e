import type { PodContainer } from './schema/container.ts';
import type { Pod } from './schema/pod.ts';

/** A reason why this node cannot run a pod, as its status and Event say it. */
export interface AdmissionFailure {
  /** As stock kubelets spell it. */
  readonly reason: string;
  /** The field, and what to change. */
  readonly message: string;
}

/**
 * Lists what a pod asks for that WebAssembly containers cannot have. Being silent about it would
 * run the pod with less, or more, than its author relies on.
 */
export function unsupportedFeatures(pod: Pod): readonly AdmissionFailure[] {
  return [...ofPod(pod), ...allContainers(pod).flatMap(([path, item]) => ofContainer(path, item))];
}

function ofPod({ spec }: Pod): readonly AdmissionFailure[] {
  const { securityContext } = spec;
  return [
    ...refuse(spec.hostPID, 'spec.hostPID: modules have no view of processes: remove it'),
    ...refuse(spec.hostIPC, 'spec.hostIPC: modules have no System V IPC: remove it'),
    ...refuse(
      spec.shareProcessNamespace,
      'spec.shareProcessNamespace: modules have no view of processes: remove it',
    ),
    ...refuse(
      spec.os !== undefined && spec.os.name !== 'linux',
      `spec.os.name: "${spec.os?.name}" does not run here: remove it or say "linux"`,
      'PodOSNotSupported',
    ),
    ...refuse(
      spec.resourceClaims.length > 0,
      'spec.resourceClaims: this node has no devices: remove them',
    ),
    ...refuse(
      securityContext.sysctls.length > 0,
      'spec.securityContext.sysctls: a pod has no kernel of its own to set: remove them',
      'SysctlForbidden',
    ),
    ...profiles('spec.securityContext', securityContext),
  ];
}

function ofContainer(path: string, container: PodContainer): readonly AdmissionFailure[] {
  const { securityContext } = container;
  const added = securityContext.capabilities?.add ?? [];
  return [
    ...refuse(
      securityContext.privileged === true,
      `${path}.securityContext.privileged: containers are always confined here: remove it`,
    ),
    ...refuse(
      added.length > 0,
      `${path}.securityContext.capabilities.add: containers have no capabilities here: remove ${added.join(', ')}`,
    ),
    ...refuse(
      securityContext.procMount !== undefined && securityContext.procMount !== 'Default',
      `${path}.securityContext.procMount: modules see no /proc: remove it`,
    ),
    ...refuse(
      container.volumeDevices.length > 0,
      `${path}.volumeDevices: this node has no block devices: use volumeMounts`,
    ),
    ...refuse(
      container.resources.claims.length > 0,
      `${path}.resources.claims: this node has no devices: remove them`,
    ),
    ...devices(path, container),
    ...profiles(`${path}.securityContext`, securityContext),
  ];
}

function devices(path: string, container: PodContainer): readonly AdmissionFailure[] {
  return Object.keys(container.resources.limits)
    .filter((name) => name.startsWith('hugepages-'))
    .flatMap((name) =>
      refuse(true, `${path}.resources.limits['${name}']: modules have no huge pages: remove it`),
    );
}

function profiles(
  path: string,
  context: Pick<PodContainer['securityContext'], 'seccompProfile' | 'appArmorProfile'>,
): readonly AdmissionFailure[] {
  return [
    ...refuse(
      context.seccompProfile?.type === 'Localhost',
      `${path}.seccompProfile.type: "Localhost" cannot replace this node's own filter: use "RuntimeDefault"`,
    ),
    ...refuse(
      context.appArmorProfile?.type === 'Localhost',
      `${path}.appArmorProfile.type: "Localhost" is not enforced here: use "RuntimeDefault"`,
      'AppArmor',
    ),
  ];
}

function allContainers({ spec }: Pod): readonly (readonly [string, PodContainer])[] {
  return [
    ...spec.initContainers.map((item, index) => [`spec.initContainers[${index}]`, item] as const),
    ...spec.containers.map((item, index) => [`spec.containers[${index}]`, item] as const),
  ];
}

function refuse(
  wanted: boolean,
  message: string,
  reason = 'UnexpectedAdmissionError',
): readonly AdmissionFailure[] {
  return wanted ? [{ reason, message }] : [];
}
