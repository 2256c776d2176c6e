import type { AbortOptions } from '../../kubernetes/abort-options.ts';
import type { Clock } from '../../kubernetes/clock.ts';
import { VolumeError } from '../volumes/volume-error.ts';
import type { CsiCluster } from './csi-cluster.ts';
import { attachmentName, type DriversVolume } from './csi-names.ts';

const attachWithin = 10_000;
const attachInterval = 500;

/**
 * Waits until the cluster has attached a volume to the node. Gives what a driver is told of that.
 *
 * @throws {VolumeError} where it has not in time, or cannot
 */
export async function awaitAttachment(
  { cluster, clock }: { readonly cluster: CsiCluster; readonly clock: Clock },
  volume: DriversVolume,
  nodeName: string,
  options: AbortOptions,
): Promise<Readonly<Record<string, string>>> {
  const name = attachmentName(volume, nodeName);
  const last = clock.now() + attachWithin;
  for (;;) {
    const attachment = await cluster.attachment(name, options);
    if (attachment?.attached) return attachment.metadata;
    if (attachment?.problem !== undefined) {
      throw new VolumeError(`AttachVolume.Attach failed: ${attachment.problem}`);
    }
    if (clock.now() >= last) {
      const { driver, handle } = volume;
      throw new VolumeError(
        `timed out waiting for external-attacher of ${driver} CSI driver to attach volume ${handle}`,
      );
    }
    await clock.sleep(attachInterval, options);
  }
}
