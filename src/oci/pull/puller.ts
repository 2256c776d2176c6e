import type { AbortOptions } from '../abort-options.ts';
import { type Clock, systemClock } from '../clock.ts';
import type { Content } from '../content/choose-platform.ts';
import type { Platform } from '../content/descriptor.ts';
import { anonymous, type Credential, type CredentialSource } from '../credentials/credential.ts';
import { OciError } from '../errors.ts';
import type { LayerLimits } from '../layers/layer-budget.ts';
import { defaultPullPolicy, type PullPolicy } from '../pull-policy.ts';
import { localModulePath } from '../reference/local-module.ts';
import { parseReference } from '../reference/parse-reference.ts';
import { formatReference, manifestName, type Reference } from '../reference/reference.ts';
import type { RegistryClient } from '../registry/registry-client.ts';
import { DownloadTurns, type DownloadTurnsInit } from '../store/download-turns.ts';
import { type ImageRecord, sizeOf } from '../store/image-record.ts';
import type { ImageStore } from '../store/image-store.ts';
import { addModule } from './add-module.ts';
import { fetchImage } from './fetch-image.ts';
import { importLocalModule } from './import-local-module.ts';
import type { ProgressListener } from './pull-progress.ts';
import { PullSession } from './pull-session.ts';
import type { PulledImage } from './pulled-image.ts';

export interface PullerComponents {
  readonly store: ImageStore;
  readonly client: RegistryClient;
}

export interface PullerInit {
  /** This machine's platform, for file systems that have none for Wasm. @default linux/amd64 */
  readonly host?: Platform;
  /** Whether `file:` and `fs/` names may be used. @default false */
  readonly allowLocalModules?: boolean;
  /** Of all pulls together. @default 6 */
  readonly maxConcurrentDownloads?: number;
  /** When a download lets others go before it. */
  readonly turns?: DownloadTurnsInit;
  readonly layerLimits?: LayerLimits;
  readonly clock?: Clock;
}

export interface PullOptions extends AbortOptions {
  /** @default By the tag, as Kubernetes does it */
  readonly policy?: PullPolicy;
  /** @default anonymous */
  readonly credentials?: CredentialSource;
  /** What is wanted of the image. @default 'module' */
  readonly content?: Content;
  /**
   * Whether an image that is here already goes only to those whose credentials could pull it.
   * @default true
   */
  readonly verifyAccess?: boolean;
  readonly progress?: ProgressListener;
}

/** Times that a pull starts anew when what it stored was removed before it was recorded. */
const maxRounds = 3;

/** Brings images to this machine. */
export class Puller {
  readonly #store: ImageStore;
  readonly #client: RegistryClient;
  readonly #init: PullerInit;
  readonly #clock: Clock;
  readonly #turns: DownloadTurns;

  constructor({ store, client }: PullerComponents, init: PullerInit = {}) {
    this.#store = store;
    this.#client = client;
    this.#init = init;
    this.#clock = init.clock ?? systemClock;
    const { maxConcurrentDownloads = 6, turns, clock } = init;
    this.#turns = new DownloadTurns(maxConcurrentDownloads, { ...(clock && { clock }), ...turns });
  }

  /**
   * Makes sure that an image is here, and that whoever asks may have it.
   *
   * @param name A reference as Docker takes it, or the name of a local module.
   * @throws OciError
   */
  async pull(name: string, options: PullOptions = {}): Promise<PulledImage> {
    const local = localModulePath(name);
    if (local !== undefined) return await this.#pullLocal(name, local, options);
    const reference = parseReference(name);
    const cached = await this.#store.get(formatReference(reference));
    const policy = options.policy ?? defaultPullPolicy(reference);
    switch (policy) {
      case 'Never':
        return await this.#finish(await this.#demandCached(reference, cached, options), options);
      case 'IfNotPresent':
        if (cached !== undefined && (await this.#mayUse(reference, cached, options))) {
          return await this.#finish(cached, options);
        }
        return await this.#pullRemote(reference, cached, options);
      case 'Always':
        return await this.#pullRemote(reference, cached, options);
      default:
        return policy satisfies never;
    }
  }

  async #pullLocal(name: string, file: string, options: PullOptions): Promise<PulledImage> {
    if (this.#init.allowLocalModules !== true) {
      throw new OciError(
        'LocalModulesRefused',
        `pull '${name}': local modules are not allowed here; push the module to a registry, or allow them`,
      );
    }
    const record = await importLocalModule(this.#store, file, this.#clock, options);
    return await this.#finish(record, options);
  }

  async #demandCached(
    reference: Reference,
    cached: ImageRecord | undefined,
    options: PullOptions,
  ): Promise<ImageRecord> {
    const name = formatReference(reference);
    if (cached === undefined) {
      throw new OciError('NeverPull', `use ${name}: it is not here, and the policy is Never`);
    }
    if (await this.#mayUse(reference, cached, options)) return cached;
    throw new OciError(
      'Unauthorized',
      `use ${name}: it is private, and these credentials have not pulled it; the policy is Never`,
    );
  }

  async #mayUse(
    { registry, repository }: Reference,
    { access }: ImageRecord,
    { credentials = anonymous, verifyAccess = true, signal }: PullOptions,
  ): Promise<boolean> {
    if (!verifyAccess || access.public) return true;
    const endpoints = this.#client.registries.endpointsOf(registry);
    const found = await Promise.all(
      endpoints.map((endpoint) =>
        credentials.find({ registry: endpoint.registry, repository }, { signal }),
      ),
    );
    return await this.#store.access.allows(access, registry, found.flat());
  }

  async #pullRemote(
    reference: Reference,
    cached: ImageRecord | undefined,
    options: PullOptions,
  ): Promise<PulledImage> {
    const { credentials = anonymous, progress } = options;
    const session = new PullSession({ client: this.#client, credentials, reference });
    progress?.({ kind: 'resolving', reference: formatReference(reference) });
    if (cached !== undefined && (await this.#isCurrent(session, reference, cached, options))) {
      const granted = await this.#grant(reference, cached, session.credential, options);
      if (granted !== undefined) return await this.#finish(granted, options);
    }
    return await this.#finish(await this.#fetch(session, reference, options), options, true);
  }

  /** Where a registry does not say it, its manifest must: that is for those only who may pull. */
  async #isCurrent(
    session: PullSession,
    reference: Reference,
    { digest }: ImageRecord,
    options: PullOptions,
  ): Promise<boolean> {
    const name = manifestName(reference);
    const found = await session.ask((repository) => repository.resolve(name, options), options);
    return found === digest;
  }

  async #fetch(
    session: PullSession,
    reference: Reference,
    options: PullOptions,
  ): Promise<ImageRecord> {
    using stored = this.#store.pulls.begin();
    const components = { store: this.#store, session, stored, turns: this.#turns };
    const host = this.#init.host ?? { os: 'linux', architecture: 'amd64' };
    const { content = 'module', verifyAccess = true } = options;
    const request = { reference, host, content, verifyAccess };
    for (let round = 0; round < maxRounds; round++) {
      const now = this.#clock.now();
      const image: ImageRecord = {
        ...(await fetchImage(components, request, options)),
        name: formatReference(reference),
        pulledAt: now,
        lastUsedAt: now,
        access: { public: false, credentials: [] },
      };
      const recorded = await this.#record(reference, image, session.credential, options);
      if (recorded !== undefined) return recorded;
    }
    const name = formatReference(reference);
    throw new OciError('NotFound', `pull ${name}: its content is removed as fast as it comes`);
  }

  /** Records the image, and that this credential could pull it. */
  async #record(
    { registry }: Reference,
    image: ImageRecord,
    credential: Credential | undefined,
    options: PullOptions,
  ): Promise<ImageRecord | undefined> {
    const access = await this.#store.access.grant(image.access, registry, credential);
    return await this.#store.record({ ...image, access }, options);
  }

  /** As `record`, for an image that is here; nothing is written where nothing is new. */
  async #grant(
    reference: Reference,
    image: ImageRecord,
    credential: Credential | undefined,
    options: PullOptions,
  ): Promise<ImageRecord | undefined> {
    const credentials = credential === undefined ? [] : [credential];
    const isKnown = await this.#store.access.allows(image.access, reference.registry, credentials);
    if (isKnown) return image;
    return await this.#record(reference, image, credential, options);
  }

  async #finish(
    record: ImageRecord,
    { content = 'module', progress, signal }: PullOptions,
    pulled = false,
  ): Promise<PulledImage> {
    const options = { signal, ...(progress && { progress }) };
    const limits = this.#init.layerLimits ?? {};
    const complete =
      content === 'module' ? await addModule(this.#store, record, limits, options) : record;
    await this.#store.touch(complete);
    const { module, prepared, digest, name, config } = complete;
    progress?.({ kind: 'done', digest, pulled });
    return {
      name,
      digest,
      config,
      pulled,
      modulePath: module && this.#store.blobs.path(module.digest),
      preparedPath: prepared && this.#store.blobs.path(prepared.digest),
      moduleDigest: module?.digest,
      size: sizeOf(complete),
      record: complete,
    };
  }
}
