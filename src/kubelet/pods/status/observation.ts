import type { ContainerState } from '../schema/pod-status.ts';

/** What is known about one container; its status is computed from this and nothing else. */
export interface ContainerObservation {
  readonly state: ContainerState;
  readonly lastState: ContainerState;
  readonly restartCount: number;
  /** `<provider>://<id>` of the newest start. */
  readonly containerID?: string;
  /** Digest reference of the image that runs. */
  readonly imageID?: string;
  /** Passed its startup probe, or has none and its postStart hook is done. */
  readonly started: boolean;
  /** Passes its readiness probe, or has none. */
  readonly ready: boolean;
}

/** Why a pod failed as a whole, whatever its containers did. */
export interface PodFailure {
  /** Such as DeadlineExceeded, Evicted or OutOfcpu. */
  readonly reason: string;
  readonly message: string;
  /** Whether the node ended it for reasons of its own, which Jobs may be told not to count. */
  readonly isDisruption?: boolean;
}

/** What is known about one pod. */
export interface PodObservation {
  /** When this node took the pod on, RFC 3339. */
  readonly startTime?: string;
  readonly hostIPs: readonly string[];
  /** Empty until the pod has its addresses. */
  readonly podIPs: readonly string[];
  /** Whether addresses, volumes and all else that containers need is there. */
  readonly isReadyToStartContainers: boolean;
  readonly failure?: PodFailure;
  /** Whether no container will be started again, whatever its restart policy says. */
  readonly isTerminal: boolean;
  /** Whether a container is being started, which cannot be taken back. */
  readonly isStarting: boolean;
  readonly containers: ReadonlyMap<string, ContainerObservation>;
}
