import { mkdir, readdir, readFile, rmdir, stat } from 'node:fs/promises';
import type { AbortOptions } from '../../kubernetes/abort-options.ts';
import type { Clock } from '../../kubernetes/clock.ts';
import type { ObjectReader } from '../object-reader.ts';
import type { PodDirectories } from '../pods/pod-directories.ts';
import type { PersistentVolume } from '../pods/schema/persistent-volume.ts';
import type { PodIdentity } from '../provider.ts';
import type { MountedVolume } from '../volumes/mounted-volume.ts';
import type { VolumeContext } from '../volumes/volume-context.ts';
import { VolumeError } from '../volumes/volume-error.ts';
import { awaitAttachment } from './await-attachment.ts';
import type { CsiCluster } from './csi-cluster.ts';
import type { CsiDriver, CsiPublication } from './csi-driver.ts';
import { stagingPathOf, uniqueName } from './csi-names.ts';
import {
  type CsiVolumeData,
  csiDirectories,
  csiPlugin,
  csiTarget,
  readVolumeData,
  removeVolumeData,
  writeVolumeData,
} from './csi-record.ts';
import {
  capabilityOf,
  checkMode,
  inlineVolume,
  persistentVolume,
  podInfo,
  type SecretReference,
  type WantedVolume,
} from './wanted-volume.ts';

/** What `CsiVolumes` needs. */
export interface CsiVolumesComponents {
  readonly driverOf: (name: string) => CsiDriver | undefined;
  readonly cluster: CsiCluster;
  readonly objects: Pick<ObjectReader, 'secret'>;
  readonly directories: PodDirectories;
  /** Other volumes are in use than before. */
  readonly onChange: () => void;
  readonly clock: Clock;
}

export interface CsiVolumesInit {
  readonly nodeName: string;
  /** Where volumes are staged. */
  readonly stagingDirectory: string;
}

/** Volumes that CSI drivers make, stage and take away. */
export class CsiVolumes {
  readonly #components: CsiVolumesComponents;
  readonly #init: CsiVolumesInit;
  readonly #inUse = new Set<string>();
  /** One thing at a time happens to a volume. */
  readonly #busy = new Map<string, Promise<unknown>>();

  constructor(components: CsiVolumesComponents, init: CsiVolumesInit) {
    this.#components = components;
    this.#init = init;
  }

  /** Gives a pod a PersistentVolume. @throws {VolumeError} where that cannot be, or not yet */
  async mountPersistent(
    context: VolumeContext,
    volume: PersistentVolume,
    isReading: boolean,
    options: AbortOptions = {},
  ): Promise<MountedVolume> {
    return this.#mount(context, persistentVolume(volume, isReading), options);
  }

  /** Gives a pod a volume that its spec describes and that goes with it. @throws {VolumeError} */
  async mountInline(context: VolumeContext, options: AbortOptions = {}): Promise<MountedVolume> {
    return this.#mount(context, inlineVolume(context), options);
  }

  /**
   * Takes all volumes of drivers away from a pod, which are not to be touched by anybody before.
   *
   * @throws {VolumeError} where one is left: nothing below the pod's directory may be removed then
   */
  async remove(pod: Pick<PodIdentity, 'uid'>): Promise<void> {
    for (const directory of await csiDirectories(this.#components.directories.ofPod(pod))) {
      const data = await readVolumeData(directory);
      if (data === undefined) await removeEmpty(directory);
      else await this.#alone(data, () => this.#unmount(directory, data));
    }
  }

  /** Takes over what an earlier life left; gives the uids of the pods that have such volumes. */
  async load(): Promise<readonly string[]> {
    const { directories } = this.#components;
    const uids = new Set<string>();
    for (const uid of await readdir(directories.pods).catch(() => [])) {
      for (const directory of await csiDirectories(directories.ofPod({ uid }))) {
        uids.add(uid);
        // One that cannot be read is told of when it is to be taken back.
        const data = await readVolumeData(directory).catch(() => undefined);
        if (data) this.#take(data);
      }
    }
    return [...uids];
  }

  /** Volumes that are not to be detached from the node, as the Node's status names them. */
  get inUse(): readonly string[] {
    return [...this.#inUse];
  }

  #take(data: CsiVolumeData): void {
    const name = uniqueName(data);
    if (!data.isAttached || this.#inUse.has(name)) return;
    this.#inUse.add(name);
    this.#components.onChange();
  }

  async #mount(
    context: VolumeContext,
    wanted: WantedVolume,
    options: AbortOptions,
  ): Promise<MountedVolume> {
    const { directories } = this.#components;
    const directory = directories.ofVolume(context.pod.metadata, csiPlugin, wanted.name);
    const mounted = { path: csiTarget(directory), readOnly: wanted.readOnly };
    const bootId = await readBootId();
    const data = await readVolumeData(directory);
    if (data?.bootId === bootId && (await isThere(mounted.path))) return mounted;
    const driver = this.#driverOf(wanted.driver);
    const settings = await this.#components.cluster.settingsOf(wanted.driver, options);
    checkMode(wanted, settings);
    const written: CsiVolumeData = {
      driverName: wanted.driver,
      volumeHandle: wanted.handle,
      stagingPath:
        !wanted.isInline && driver.stages ? stagingPathOf(this.#init.stagingDirectory, wanted) : '',
      isAttached: !wanted.isInline && settings.attachRequired,
      bootId: '',
    };
    await this.#alone(written, async () => {
      await writeVolumeData(directory, written);
      this.#take(written);
      const publication = {
        volumeId: wanted.handle,
        publishContext: written.isAttached
          ? await awaitAttachment(this.#components, wanted, this.#init.nodeName, options)
          : {},
        volumeContext: { ...wanted.attributes, ...podInfo(context, wanted, settings) },
        capability: capabilityOf(wanted, driver),
      };
      await this.#stageAndPublish(driver, wanted, written, publication, mounted.path, options);
      await writeVolumeData(directory, { ...written, bootId });
    });
    return mounted;
  }

  async #stageAndPublish(
    driver: CsiDriver,
    wanted: WantedVolume,
    { stagingPath }: CsiVolumeData,
    publication: CsiPublication,
    targetPath: string,
    options: AbortOptions,
  ): Promise<void> {
    if (stagingPath !== '') {
      const secrets = await this.#secret(wanted.stageSecret, options);
      await mkdir(stagingPath, { recursive: true, mode: 0o750 });
      // The plain attributes: what is staged is no pod's.
      const staged = { ...publication, volumeContext: wanted.attributes };
      await driver.stage(staged, stagingPath, secrets, options);
    }
    const secrets = await this.#secret(wanted.publishSecret, options);
    const { readOnly } = wanted;
    const place = { stagingTargetPath: stagingPath, targetPath, readOnly, secrets };
    await driver.publish(publication, place, options);
    if (await isThere(targetPath)) return;
    throw new VolumeError(`driver "${driver.name}" has not made ${targetPath}`);
  }

  async #unmount(directory: string, data: CsiVolumeData): Promise<void> {
    const driver = this.#driverOf(data.driverName);
    const target = csiTarget(directory);
    await driver.unpublish(data.volumeHandle, target);
    await removeEmpty(target);
    const isLast = !(await this.#isUsedBeside(directory, data));
    if (isLast && data.stagingPath !== '') {
      await driver.unstage(data.volumeHandle, data.stagingPath);
      await removeEmpty(data.stagingPath);
    }
    await removeVolumeData(directory);
    await removeEmpty(directory);
    if (isLast && this.#inUse.delete(uniqueName(data))) this.#components.onChange();
  }

  /** Whether another pod, or another volume of the pod, is the same volume. */
  async #isUsedBeside(own: string, { driverName, volumeHandle }: CsiVolumeData): Promise<boolean> {
    const { directories } = this.#components;
    for (const uid of await readdir(directories.pods)) {
      for (const directory of await csiDirectories(directories.ofPod({ uid }))) {
        const data = directory === own ? undefined : await readVolumeData(directory);
        if (data?.driverName === driverName && data.volumeHandle === volumeHandle) return true;
      }
    }
    return false;
  }

  async #secret(
    reference: SecretReference | undefined,
    options: AbortOptions,
  ): Promise<Readonly<Record<string, string>>> {
    if (reference === undefined) return {};
    const secret = await this.#components.objects.secret(reference, options);
    const { namespace, name } = reference;
    if (secret === undefined) throw new VolumeError(`secret "${namespace}/${name}" not found`);
    return Object.fromEntries(
      Object.entries(secret.data).map(([key, value]) => [key, value.toString()]),
    );
  }

  #driverOf(name: string): CsiDriver {
    const driver = this.#components.driverOf(name);
    if (driver !== undefined) return driver;
    throw new VolumeError(`driver name ${name} not found in the list of registered CSI drivers`);
  }

  async #alone<T>(
    { driverName, volumeHandle }: Pick<CsiVolumeData, 'driverName' | 'volumeHandle'>,
    act: () => Promise<T>,
  ): Promise<T> {
    const key = `${driverName}^${volumeHandle}`;
    const acting = (this.#busy.get(key) ?? Promise.resolve()).then(act, act);
    this.#busy.set(key, acting);
    try {
      return await acting;
    } finally {
      if (this.#busy.get(key) === acting) this.#busy.delete(key);
    }
  }
}

/** Never more than the directory itself: what it holds would be a volume's. */
async function removeEmpty(directory: string): Promise<void> {
  try {
    await rmdir(directory);
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return;
    throw new VolumeError(`volume at ${directory} is still there`, { cause });
  }
}

async function isThere(directory: string): Promise<boolean> {
  return stat(directory).then(
    () => true,
    () => false,
  );
}

async function readBootId(): Promise<string> {
  return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
}
