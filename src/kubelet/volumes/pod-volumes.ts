import { rmSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import type { Manifest } from '../../krator/states/manifest.ts';
import type { AbortOptions } from '../../kubernetes/abort-options.ts';
import type { Clock } from '../../kubernetes/clock.ts';
import { messageOf } from '../../kubernetes/message-of.ts';
import type { CsiVolumes } from '../csi/csi-volumes.ts';
import { Doorbell } from '../doorbell.ts';
import type { NodeFacts } from '../node-facts.ts';
import type { ObjectReader } from '../object-reader.ts';
import type { PodDirectories } from '../pods/pod-directories.ts';
import type { Pod } from '../pods/schema/pod.ts';
import type { PodVolume } from '../pods/schema/volume.ts';
import type { ClaimedVolumes } from './claims/claimed-volumes.ts';
import {
  filledPlace,
  isOfDriver,
  isRefreshed,
  isWritten,
  type MountResult,
  mountVolume,
  pluginOf,
} from './mount-volume.ts';
import type { MountedVolume } from './mounted-volume.ts';
import { PodTokens } from './pod-tokens.ts';
import { makeInMemory } from './private-directory.ts';
import { removeTree } from './remove-tree.ts';
import type { ImageVolumes, VolumeContext } from './volume-context.ts';
import { VolumeError } from './volume-error.ts';
import { volumeReferences } from './volume-references.ts';

export interface PodVolumesComponents {
  readonly manifest: Manifest<Pod>;
  readonly directories: PodDirectories;
  readonly objects: ObjectReader;
  readonly images: ImageVolumes;
  /** @default pods cannot have any */
  readonly claims?: ClaimedVolumes;
  /** @default pods cannot have any */
  readonly csi?: CsiVolumes;
  readonly node: NodeFacts;
  readonly clock: Clock;
}

/** What happens to the objects that volumes are made from. */
export interface VolumeChanges extends Disposable {
  /** Resolves when one has changed since it was last asked, or after so many ms. */
  next(milliseconds: number, signal: AbortSignal): Promise<void>;
}

/** How soon it is noticed that the clock was set, or stood still with the machine, in milliseconds. */
const longestRest = 60_000;

/** The volumes of one pod, from before its first container starts until it is gone. */
export class PodVolumes {
  readonly #components: PodVolumesComponents;
  readonly #tokens: PodTokens;
  readonly #mounted = new Map<string, MountedVolume>();
  #mounting: readonly (readonly [PodVolume, Promise<MountedVolume>])[] = [];
  readonly #refreshAt = new Map<string, number>();
  #podIPs: readonly string[] = [];
  #refreshedAt = 0;

  constructor(components: PodVolumesComponents) {
    this.#components = components;
    this.#tokens = new PodTokens(components);
  }

  /** The volumes that are there, by name. */
  get mounted(): ReadonlyMap<string, MountedVolume> {
    return this.#mounted;
  }

  /** Asks for the tokens that the volumes will hold, which takes longer than all else about them. */
  async prepare(options: AbortOptions = {}): Promise<void> {
    const pod = this.#components.manifest.current;
    const sources = pod.spec.volumes.flatMap(({ projected }) => projected?.sources ?? []);
    const requests = sources.flatMap(({ serviceAccountToken }) => serviceAccountToken ?? []);
    await Promise.all(requests.map((request) => this.#tokens.prepare(pod, request, options)));
  }

  /**
   * Makes every volume; one that is there already is brought up to date.
   *
   * @throws {VolumeError} for the first that cannot be made; what was made stays
   */
  async mount(podIPs: readonly string[], options: AbortOptions = {}): Promise<void> {
    this.#podIPs = podIPs;
    this.#refreshedAt = this.#components.clock.now();
    const { volumes } = this.#components.manifest.current.spec;
    this.#mounting = volumes.map((volume) => [volume, this.#mount(volume, options)] as const);
    await Promise.all(this.#mounting.map(([, mounting]) => mounting));
  }

  /**
   * Where the volumes are that are being mounted: known before they have their content, which may have
   * to be asked for.
   *
   * @throws {VolumeError} where one cannot be made
   */
  async places(): Promise<ReadonlyMap<string, MountedVolume>> {
    const places = this.#mounting.map(async ([volume, mounting]) => {
      const { makeInMemory } = this.#contextOf(volume);
      const place = isRefreshed(volume) ? filledPlace(makeInMemory()) : await mounting;
      return [volume.name, place] as const;
    });
    return new Map(await Promise.all(places));
  }

  /** Follows the objects that the volumes are made from, until disposed of. */
  follow(): VolumeChanges {
    const doorbell = new Doorbell();
    const subscriptions = this.#subscribe(() => doorbell.ring());
    return {
      next: (milliseconds, signal) => this.#ringAfter(doorbell, milliseconds, signal),
      [Symbol.dispose]: () => subscriptions[Symbol.dispose](),
    };
  }

  /**
   * Keeps the content of the volumes up to date until the signal aborts: when an object they are
   * made from changes, when the pod's own fields change, when a token is to be renewed.
   *
   * @param onError hears of a volume that keeps its old content because the new cannot be made
   */
  async keepFresh({
    signal,
    onError,
  }: {
    readonly signal: AbortSignal;
    readonly onError: (error: unknown) => void;
  }): Promise<void> {
    const doorbell = new Doorbell();
    let isStale = false;
    const change = () => {
      isStale = true;
      doorbell.ring();
    };
    using _subscriptions = this.#subscribe(change);
    void this.#tellPodChanges(change, signal);
    while (!signal.aborted) {
      await this.#nextLook(doorbell, signal);
      if (signal.aborted || !(isStale || this.#isDue())) continue;
      isStale = false;
      await this.#refresh(signal, onError);
    }
  }

  /**
   * Has drivers take back what they gave, once no container of the pod runs any more.
   *
   * @throws where one does not
   */
  async takeBack(): Promise<void> {
    const { manifest, csi } = this.#components;
    const { metadata, spec } = manifest.current;
    if (spec.volumes.some(isOfDriver)) await csi?.remove(metadata);
  }

  /**
   * Removes all that the pod wrote and was given; what a hostPath names stays.
   *
   * @throws where a driver does not take its volume back: then nothing is removed
   */
  async remove(): Promise<void> {
    const { manifest, directories } = this.#components;
    const { metadata, spec } = manifest.current;
    this.#mounted.clear();
    // Before all else: what is still mounted below would be removed.
    await this.takeBack();
    // What a pod is given is a few small files; what it writes may take long to remove.
    const isSmall = !spec.volumes.some(isWritten);
    for (const directory of [directories.inMemory(metadata), directories.ofPod(metadata)]) {
      if (isSmall) rmSync(directory, { recursive: true, force: true });
      else await removeTree(directory);
    }
  }

  async #mount(volume: PodVolume, options: AbortOptions): Promise<MountedVolume> {
    const { mounted, refreshAt } = await this.#make(volume, options);
    this.#mounted.set(volume.name, mounted);
    if (refreshAt === undefined) this.#refreshAt.delete(volume.name);
    else this.#refreshAt.set(volume.name, refreshAt);
    return mounted;
  }

  async #make(volume: PodVolume, options: AbortOptions): Promise<MountResult> {
    try {
      return await mountVolume(this.#contextOf(volume), options);
    } catch (cause) {
      options.signal?.throwIfAborted();
      const why = messageOf(cause);
      const what = `MountVolume.SetUp failed for volume "${volume.name}" : ${why}`;
      throw new VolumeError(what, { cause });
    }
  }

  #contextOf(volume: PodVolume): VolumeContext {
    const { manifest, directories, objects, images, claims, csi, node, clock } = this.#components;
    const pod = manifest.current;
    const plugin = pluginOf(volume);
    return {
      pod,
      volume,
      directory: directories.ofVolume(pod.metadata, plugin, volume.name),
      makeInMemory: () => makeInMemory(directories, pod.metadata, 'volumes', plugin, volume.name),
      podIPs: this.#podIPs,
      node,
      objects,
      tokens: this.#tokens,
      images,
      ...(claims && { claims }),
      ...(csi && { csi }),
      now: () => clock.now(),
    };
  }

  #subscribe(listener: () => void): Disposable {
    const { manifest, objects } = this.#components;
    const { namespace } = manifest.current.metadata;
    const stack = new DisposableStack();
    for (const { kind, name } of manifest.current.spec.volumes.flatMap(volumeReferences)) {
      stack.use(objects.onChange(kind, { namespace, name }, listener));
    }
    return stack;
  }

  async #tellPodChanges(change: () => void, signal: AbortSignal): Promise<void> {
    const { manifest } = this.#components;
    const hasFields = manifest.current.spec.volumes.some(
      ({ downwardAPI, projected }) =>
        downwardAPI ?? projected?.sources.some((source) => source.downwardAPI),
    );
    let fields = changeableFields(manifest.current);
    try {
      while (hasFields) {
        await manifest.changed({ signal });
        if (isDeepStrictEqual(fields, changeableFields(manifest.current))) continue;
        fields = changeableFields(manifest.current);
        change();
      }
    } catch (reason) {
      if (!signal.aborted) throw reason;
    }
  }

  async #nextLook(doorbell: Doorbell, signal: AbortSignal): Promise<void> {
    if (this.#refreshAt.size === 0) return doorbell.wait({ signal });
    const next = Math.min(...this.#refreshAt.values());
    const left = Math.max(next - this.#components.clock.now(), 0);
    await this.#ringAfter(doorbell, Math.min(left, longestRest), signal);
  }

  /** Whether something has to be renewed, or the clock was set back and does not tell any more. */
  #isDue(): boolean {
    const now = this.#components.clock.now();
    return now < this.#refreshedAt || Math.min(...this.#refreshAt.values()) <= now;
  }

  /** Waits for the doorbell, which rings after some time at the latest. */
  async #ringAfter(doorbell: Doorbell, milliseconds: number, signal: AbortSignal): Promise<void> {
    const over = new AbortController();
    const inner = AbortSignal.any([signal, over.signal]);
    const timer = this.#components.clock.sleep(milliseconds, { signal: inner }).then(
      () => doorbell.ring(),
      () => undefined, // something changed first
    );
    await doorbell.wait({ signal });
    over.abort();
    await timer;
  }

  async #refresh(signal: AbortSignal, onError: (error: unknown) => void): Promise<void> {
    this.#refreshedAt = this.#components.clock.now();
    for (const volume of this.#components.manifest.current.spec.volumes) {
      if (!isRefreshed(volume)) continue;
      try {
        await this.#mount(volume, { signal });
      } catch (error) {
        if (signal.aborted) return;
        onError(error);
        // A token that could not be renewed is tried again soon, not at once and for ever.
        const retryAt = this.#components.clock.now() + 10_000;
        if (this.#refreshAt.has(volume.name)) this.#refreshAt.set(volume.name, retryAt);
      }
    }
  }
}

/** What a downwardAPI volume may show, of what may change while a pod lives; its status is not. */
function changeableFields({ metadata: { labels, annotations }, spec }: Pod): object {
  return { labels, annotations, spec };
}
