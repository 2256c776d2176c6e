import type { AbortOptions } from '../../kubernetes/abort-options.ts';
import type { ApiClient } from '../../kubernetes/api/api-client.ts';
import type { NamespacedName } from '../object-reader.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '../pods/schema/persistent-volume.ts';
import type { ClaimReader } from '../volumes/claims/claimed-volumes.ts';
import { persistentVolumeClaims, persistentVolumes } from './core-resources.ts';
import { unlessMissing } from './unless-missing.ts';

/** Claims and volumes at an API server. The Node authorizer lets a node get those of its pods. */
export class ApiClaims implements ClaimReader {
  readonly #client: ApiClient;

  constructor(client: ApiClient) {
    this.#client = client;
  }

  claim(
    reference: NamespacedName,
    options?: AbortOptions,
  ): Promise<PersistentVolumeClaim | undefined> {
    return unlessMissing(this.#client.get(persistentVolumeClaims, reference, options));
  }

  volume(name: string, options?: AbortOptions): Promise<PersistentVolume | undefined> {
    return unlessMissing(this.#client.get(persistentVolumes, { name }, options));
  }
}
