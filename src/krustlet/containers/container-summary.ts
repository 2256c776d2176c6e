import type { ContainerSpec } from '../../runtime/container-spec.ts';
import type { ExitRecord } from '../../runtime/state/exit-record.ts';

/** What the files of a container say of it, without touching it. */
export interface ContainerSummary {
  readonly id: string;
  /** What people call it: its id, or `pod/container` where it belongs to a pod. */
  readonly name: string;
  readonly spec: ContainerSpec;
  readonly state: ContainerState;
}

/** How far a container is. */
export type ContainerState =
  | { readonly kind: 'created' }
  | { readonly kind: 'running'; readonly pid: number; readonly startedAt: Date }
  | { readonly kind: 'exited'; readonly exit: ExitRecord };

const podLabels = {
  name: 'io.kubernetes.pod.name',
  uid: 'io.kubernetes.pod.uid',
  container: 'io.kubernetes.container.name',
  restarts: 'io.kubernetes.container.restartCount',
} as const;

/** The label with what the container's program was called by who started it. */
export const imageLabel = 'io.krustlet.image';

/** What people call a container: by its pod and its own name, or by its id where it has no pod. */
export function nameOf(spec: ContainerSpec): string {
  const { [podLabels.name]: pod, [podLabels.container]: container } = spec.labels;
  return pod === undefined || container === undefined ? spec.id : `${pod}/${container}`;
}

/** The pod that a container belongs to, if it does. */
export function podNameOf(spec: ContainerSpec): string | undefined {
  return spec.labels[podLabels.name];
}

/** The unique id of the pod that a container belongs to, if it does. */
export function podUidOf(spec: ContainerSpec): string | undefined {
  return spec.labels[podLabels.uid];
}

/** How often a pod's container was started again; the newest of one name has the most. */
export function restartsOf(spec: ContainerSpec): number {
  return Number(spec.labels[podLabels.restarts] ?? 0);
}

/** A container's state in words. */
export function describeState(state: ContainerState): string {
  switch (state.kind) {
    case 'created':
      return 'Created';
    case 'running':
      return 'Running';
    case 'exited':
      return `${state.exit.reason} (${state.exit.exitCode})`;
    default:
      return state satisfies never;
  }
}
