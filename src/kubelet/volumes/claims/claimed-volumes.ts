import type { AbortOptions } from '../../../kubernetes/abort-options.ts';
import { matchesTerms, type SelectableNode } from '../../admission/node-affinity.ts';
import type { NamespacedName } from '../../object-reader.ts';
import type {
  PersistentVolume,
  PersistentVolumeClaim,
} from '../../pods/schema/persistent-volume.ts';
import type { Pod } from '../../pods/schema/pod.ts';
import type { PodVolume } from '../../pods/schema/volume.ts';
import { VolumeError } from '../volume-error.ts';

/** Reads claims and what they are bound to; `undefined` where there is none. */
export interface ClaimReader {
  claim(
    reference: NamespacedName,
    options?: AbortOptions,
  ): Promise<PersistentVolumeClaim | undefined>;
  volume(name: string, options?: AbortOptions): Promise<PersistentVolume | undefined>;
}

/** What `ClaimedVolumes` needs. */
export interface ClaimedVolumesComponents {
  readonly reader: ClaimReader;
  /** The node as it is now: not every volume can be had on every node. */
  readonly node: () => SelectableNode;
}

/** The PersistentVolumes behind the claims of pods. */
export class ClaimedVolumes {
  readonly #components: ClaimedVolumesComponents;

  constructor(components: ClaimedVolumesComponents) {
    this.#components = components;
  }

  /**
   * The PersistentVolume that a pod's volume is bound to.
   *
   * @throws {VolumeError} where there is none yet, or the pod cannot have it here
   */
  async of(pod: Pod, volume: PodVolume, options: AbortOptions = {}): Promise<PersistentVolume> {
    const { namespace } = pod.metadata;
    const name = claimNameOf(pod, volume);
    const wrong = (why: string) =>
      new VolumeError(`error processing PVC ${namespace}/${name}: ${why}`);
    const claim = await this.#components.reader.claim({ namespace, name }, options);
    if (claim === undefined) throw wrong(`persistentvolumeclaim "${name}" not found`);
    const { metadata, spec, status } = claim;
    if (metadata.deletionTimestamp !== undefined && !wasStarted(pod)) {
      throw wrong('PVC is being deleted');
    }
    if (volume.ephemeral && !metadata.ownerReferences.some(({ uid }) => uid === pod.metadata.uid)) {
      throw wrong(`PVC was not created for pod ${pod.metadata.name}`);
    }
    if (status.phase !== 'Bound' || spec.volumeName === '') throw wrong('PVC is not bound');
    const bound = await this.#components.reader.volume(spec.volumeName, options);
    if (bound === undefined) throw wrong(`persistentvolume "${spec.volumeName}" not found`);
    if (bound.spec.claimRef?.uid !== metadata.uid) {
      throw wrong(`PV ${bound.metadata.name} has another claim in its claimRef`);
    }
    this.#check(bound);
    return bound;
  }

  #check({ metadata: { name }, spec }: PersistentVolume): void {
    if (spec.volumeMode !== 'Filesystem') {
      throw new VolumeError(
        `PersistentVolume "${name}" has volumeMode ${spec.volumeMode}: modules have no block devices, use Filesystem`,
      );
    }
    const terms = spec.nodeAffinity?.required?.nodeSelectorTerms;
    if (terms !== undefined && !matchesTerms(terms, this.#components.node())) {
      throw new VolumeError(
        `PersistentVolume "${name}" cannot be had on this node: no matching NodeSelectorTerms`,
      );
    }
  }
}

/** An ephemeral volume has a claim that is made for it, and named after it. */
function claimNameOf({ metadata }: Pod, { name, persistentVolumeClaim }: PodVolume): string {
  return persistentVolumeClaim?.claimName ?? `${metadata.name}-${name}`;
}

/** A pod that had the volume before keeps it. */
function wasStarted({ status }: Pod): boolean {
  return [...status.initContainerStatuses, ...status.containerStatuses].some(
    ({ containerID = '' }) => containerID !== '',
  );
}
