import type { AbortOptions } from '../../kubernetes/abort-options.ts';
import type { CsiNodeInfo } from './csi-driver.ts';

/** How the cluster wants a driver to be used. */
export interface CsiDriverSettings {
  readonly attachRequired: boolean;
  readonly podInfoOnMount: boolean;
  readonly lifecycleModes: readonly string[];
}

/** What the attaching of a volume to the node has come to. */
export interface CsiAttachment {
  readonly attached: boolean;
  readonly metadata: Readonly<Record<string, string>>;
  /** Why it failed, if it did. */
  readonly problem?: string;
}

/** What a cluster says of drivers and volumes, and what a node tells it. */
export interface CsiCluster {
  /** Where the cluster says nothing, what stock kubelets assume. */
  settingsOf(driver: string, options?: AbortOptions): Promise<CsiDriverSettings>;
  attachment(name: string, options?: AbortOptions): Promise<CsiAttachment | undefined>;
  /** Tells that the node has a driver. */
  announce(driver: string, info: CsiNodeInfo, options?: AbortOptions): Promise<void>;
}
