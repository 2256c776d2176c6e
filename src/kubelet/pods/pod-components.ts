import type { Clock } from '../../kubernetes/clock.ts';
import type { CsiVolumes } from '../csi/csi-volumes.ts';
import type { PodImages } from '../images/pod-images.ts';
import type { NodeNetworkFacts } from '../network/container-network.ts';
import type { NodeFacts } from '../node-facts.ts';
import type { ObjectReader } from '../object-reader.ts';
import type { ProbeScheduler } from '../probes/probe-scheduler.ts';
import type { ContainerUser, Provider } from '../provider.ts';
import type { ClaimedVolumes } from '../volumes/claims/claimed-volumes.ts';
import type { PodDirectories } from './pod-directories.ts';
import type {
  EventSink,
  PodAdmission,
  PodClient,
  PodDevices,
  PodNetwork,
  PodRoutes,
  ServiceVariables,
} from './pod-ports.ts';

/** What pods are run with: the same for all pods of a node, whatever their source. */
export interface PodComponents {
  readonly provider: Provider;
  readonly images: PodImages;
  readonly objects: ObjectReader;
  readonly network: PodNetwork;
  /** @default containers are told of no Services and no NetworkPolicies */
  readonly routes?: PodRoutes;
  readonly admission: PodAdmission;
  /** @default there are no devices */
  readonly devices?: PodDevices;
  readonly pods: PodClient;
  readonly events: EventSink;
  readonly services: ServiceVariables;
  /** @default pods cannot have any */
  readonly claims?: ClaimedVolumes;
  /** @default pods cannot have any */
  readonly csi?: CsiVolumes;
  readonly probes: ProbeScheduler;
  readonly node: NodeFacts;
  readonly directories: PodDirectories;
  readonly settings: PodSettings;
  /** Hears of each try to start a container that failed, and of its reason. @default nobody does */
  readonly onStartFailure?: (reason: string) => void;
  readonly clock: Clock;
}

/** How a node runs its pods. */
export interface PodSettings {
  /** Who containers run as that do not say. */
  readonly defaultUser: ContainerUser;
  /** Bytes at which a container's log is rotated. */
  readonly logMaxBytes: number;
  /** How many files of a container's log are kept. */
  readonly logMaxFiles: number;
  /** What pods are told of the network; without it they have none but their listeners. */
  readonly network?: NodeNetworkFacts;
  /** Processes a container may have. */
  readonly podPidsLimit?: number;
  /** The longest wait of a container that ends again and again, in milliseconds. */
  readonly maxCrashBackoff: number;
  /** Whether a pod's logs outlive it. */
  readonly keepLogs: boolean;
  /** Whether what the provider keeps of a pod's ended containers outlives it. */
  readonly keepContainers: boolean;
}

/** As stock kubelets are configured. */
export const defaultPodSettings = {
  logMaxBytes: 10 * 1024 * 1024,
  logMaxFiles: 5,
  maxCrashBackoff: 300_000,
  keepLogs: false,
  keepContainers: false,
} as const;
