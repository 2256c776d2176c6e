import type { AbortOptions } from '../kubernetes/abort-options.ts';
import type { ConfigMap, Secret } from './pods/schema/config-objects.ts';
import type { Pod } from './pods/schema/pod.ts';

/**
 * Where pods find the objects they refer to: an API server, or the manifest that a pod came
 * from. Called for each reference whenever a container starts or a volume is (re)written, so an
 * implementation over a network keeps what it read.
 */
export interface ObjectReader {
  /** Resolves to `undefined` where there is none; rejects where that cannot be known now. */
  configMap(reference: NamespacedName, options?: AbortOptions): Promise<ConfigMap | undefined>;

  /** As `configMap`. */
  secret(reference: NamespacedName, options?: AbortOptions): Promise<Secret | undefined>;

  /**
   * Issues a token of the pod's ServiceAccount, bound to the pod.
   *
   * @throws where there is nobody to issue one
   */
  serviceAccountToken(
    pod: Pod,
    request: TokenRequest,
    options?: AbortOptions,
  ): Promise<ServiceAccountToken>;

  /**
   * Hears, until disposed, that a ConfigMap or Secret of this name has changed or come to be.
   * May be told more often than that, never less.
   */
  onChange(
    kind: 'ConfigMap' | 'Secret',
    reference: NamespacedName,
    listener: () => void,
  ): Disposable;
}

export interface NamespacedName {
  readonly namespace: string;
  readonly name: string;
}

export interface TokenRequest {
  /** Empty for the API server's own. */
  readonly audience: string;
  readonly expirationSeconds: number;
}

export interface ServiceAccountToken {
  readonly token: string;
  /** How long it holds from now on, whatever this machine's clock shows. */
  readonly lifeSeconds: number;
}
