import type { AbortOptions } from '../../kubernetes/abort-options.ts';
import type { ContainerMount } from '../provider.ts';
import type { Pod } from './schema/pod.ts';
import type { PodStatus } from './schema/pod-status.ts';
import type { PodFailure } from './status/observation.ts';

/** Where pods live: an API server, or the memory of a process that runs a manifest. */
export interface PodClient {
  /**
   * Writes a status, unless the pod has it. Called one at a time for a pod, when something changed
   * here or in the pod; may fail at any time and is then tried again. Resolves without a word where the pod is gone or another
   * pod has its name by now.
   */
  writeStatus(pod: Pod, status: PodStatus, options?: AbortOptions): Promise<void>;

  /**
   * Removes a pod for good, once nothing of it is left on this node. Called at least once; resolves
   * where it is gone already.
   */
  delete(pod: Pod, options?: AbortOptions): Promise<void>;
}

/** Gives pods their addresses. */
export interface PodNetwork {
  /**
   * Keeps addresses for the pod with this uid, which had them before this process started. Called
   * before anybody is given some that could be these.
   *
   * @param isBound whether a container runs that listens on them, whatever ranges there are now
   */
  reserve(uid: string, addresses: readonly string[], isBound?: boolean): void;

  /**
   * Addresses for a pod, the primary one first; the same ones again for a pod that has some.
   *
   * @param preferred what the pod had before this process started
   */
  allocate(
    pod: Pod,
    preferred: readonly string[],
    options?: AbortOptions,
  ): Promise<readonly string[]>;

  /** Takes back what the pod with this uid was given, or was kept for it. */
  release(uid: string): Promise<void>;
}

/** Tells containers of the cluster's Services and NetworkPolicies. */
export interface PodRoutes {
  /**
   * Directories for a container to look into, see `ContainerNetwork`; called before each start, and
   * up to date when it resolves.
   */
  open(
    pod: Pod,
    podIPs: readonly string[],
    options?: AbortOptions,
  ): Promise<{ readonly services?: string; readonly peers?: string }>;
}

/** What a node answers to a pod that wants to run. */
export type AdmissionDecision =
  | {
      readonly kind: 'admitted';
      /** The handler of the pod's RuntimeClass; empty for the default. */
      readonly runtimeHandler: string;
    }
  | { readonly kind: 'refused'; readonly failure: PodFailure };

/** Decides whether this node takes a pod: resources, ports, taints, RuntimeClass. */
export interface PodAdmission {
  /**
   * Says that this node took the pod on before this process started: no pod that it does not know
   * yet gets what this one needs, whichever of them is admitted first.
   */
  expect(pod: Pod): void;

  /**
   * Called once for each pod, and once more after a restart of this process. May keep account of
   * what it admitted until `release`.
   */
  admit(pod: Pod, options?: AbortOptions): Promise<AdmissionDecision>;

  /** The pod does not need anything any more; called at least once for each that was admitted or expected. */
  release(pod: Pod): void;
}

/** What a container gets with the devices that it was given. */
export interface ContainerDevices {
  readonly env: ReadonlyMap<string, string>;
  readonly mounts: readonly ContainerMount[];
}

/** Devices of plugins that containers were given when their pod was admitted. */
export interface PodDevices {
  /** Called before each start of a container; `undefined` where it has no devices. */
  of(pod: Pod, container: string, options?: AbortOptions): Promise<ContainerDevices> | undefined;
}

/** One thing that happened to a pod, as `kubectl describe` shows it. */
export interface PodEvent {
  readonly pod: Pod;
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  /** The container it happened to. */
  readonly container?: string;
}

/** Takes events; keeps, aggregates and limits them. Never throws. */
export interface EventSink {
  record(event: PodEvent): void;
}

/** Variables for the Services a pod may see. */
export interface ServiceVariables {
  /**
   * `KUBERNETES_SERVICE_HOST` and its like; those of all Services of the pod's namespace where its
   * enableServiceLinks asks for them.
   */
  of(pod: Pod, options?: AbortOptions): Promise<ReadonlyMap<string, string>>;
}
