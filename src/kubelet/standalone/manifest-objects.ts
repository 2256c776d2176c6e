import type { NamespacedName, ObjectReader, ServiceAccountToken } from '../object-reader.ts';
import type { ConfigMap, Secret } from '../pods/schema/config-objects.ts';

/** The ConfigMaps and Secrets of manifests, for pods that run without an API server. */
export class ManifestObjects implements ObjectReader {
  readonly #configMaps = new Map<string, ConfigMap>();
  readonly #secrets = new Map<string, Secret>();
  readonly #listeners = new Map<string, Set<() => void>>();

  /** Adds a ConfigMap or takes it for the one of its name. */
  putConfigMap(configMap: ConfigMap): void {
    this.#configMaps.set(keyOf(configMap.metadata), configMap);
    this.#tell('ConfigMap', configMap.metadata);
  }

  /** Adds a Secret or takes it for the one of its name. */
  putSecret(secret: Secret): void {
    this.#secrets.set(keyOf(secret.metadata), secret);
    this.#tell('Secret', secret.metadata);
  }

  /** Removes an object; whoever was told of it is told again. */
  remove(kind: 'ConfigMap' | 'Secret', reference: NamespacedName): void {
    (kind === 'ConfigMap' ? this.#configMaps : this.#secrets).delete(keyOf(reference));
    this.#tell(kind, reference);
  }

  async configMap(reference: NamespacedName): Promise<ConfigMap | undefined> {
    return this.#configMaps.get(keyOf(reference));
  }

  async secret(reference: NamespacedName): Promise<Secret | undefined> {
    return this.#secrets.get(keyOf(reference));
  }

  async serviceAccountToken(): Promise<ServiceAccountToken> {
    throw new Error(
      'cannot issue a ServiceAccount token without an API server: remove the serviceAccountToken source',
    );
  }

  onChange(kind: 'ConfigMap' | 'Secret', reference: NamespacedName, listener: () => void) {
    const id = `${kind}/${keyOf(reference)}`;
    const listeners = this.#listeners.get(id) ?? new Set();
    this.#listeners.set(id, listeners.add(listener));
    return {
      [Symbol.dispose]: () => {
        listeners.delete(listener);
        if (listeners.size === 0) this.#listeners.delete(id);
      },
    };
  }

  #tell(kind: 'ConfigMap' | 'Secret', reference: NamespacedName): void {
    for (const listener of this.#listeners.get(`${kind}/${keyOf(reference)}`) ?? []) listener();
  }
}

function keyOf({ namespace, name }: NamespacedName): string {
  return `${namespace}/${name}`;
}
