import type { AbortOptions } from '../../kubernetes/abort-options.ts';
import type { CsiVolumes } from '../csi/csi-volumes.ts';
import type { NodeFacts } from '../node-facts.ts';
import type { ObjectReader } from '../object-reader.ts';
import type { PodContainer } from '../pods/schema/container.ts';
import type { Pod } from '../pods/schema/pod.ts';
import type { PodVolume } from '../pods/schema/volume.ts';
import type { ClaimedVolumes } from './claims/claimed-volumes.ts';
import type { PodTokens } from './pod-tokens.ts';

/** What a volume is made from. */
export interface VolumeContext {
  /** The newest version of the pod. */
  readonly pod: Pod;
  readonly volume: PodVolume;
  /** The volume's directory on the disk, for those that pods write to. */
  readonly directory: string;
  /** Makes the volume's directory on a file system in memory. */
  readonly makeInMemory: () => string;
  readonly podIPs: readonly string[];
  readonly node: NodeFacts;
  readonly objects: ObjectReader;
  readonly tokens: PodTokens;
  readonly images: ImageVolumes;
  /** The PersistentVolumes behind claims, where this node can have any. */
  readonly claims?: ClaimedVolumes;
  /** The volumes of CSI drivers, where this node can have any. */
  readonly csi?: CsiVolumes;
  /** Milliseconds since the epoch. */
  now(): number;
}

/** Gives image volumes their content. */
export interface ImageVolumes {
  /**
   * Pulls the image where its policy says so and answers with the directory of its files, which stay as
   * long as the volume's directory is there.
   */
  directory(
    pod: Pod,
    image: Pick<PodContainer, 'image' | 'imagePullPolicy'>,
    options: AbortOptions & { readonly volume: string },
  ): Promise<string>;
}
