import type { AbortOptions } from '../../kubernetes/abort-options.ts';
import { type CredentialSource, combineCredentials } from '../../oci/credentials/credential.ts';
import { DockerConfigCredentials, parseDockerConfig } from '../../oci/credentials/docker-config.ts';
import type { ObjectReader } from '../object-reader.ts';
import type { Secret } from '../pods/schema/config-objects.ts';
import type { Pod } from '../pods/schema/pod.ts';

/** Credentials of a pod's imagePullSecrets, and the names of those that are missing or broken. */
export interface PullCredentials {
  readonly credentials: CredentialSource;
  readonly missing: readonly string[];
}

/**
 * Reads a pod's imagePullSecrets (the API server copies those of its ServiceAccount there), of
 * both types. As stock kubelets have it, one that is missing does not stop the pull, which may
 * succeed without it.
 */
export async function pullCredentials(
  pod: Pod,
  objects: ObjectReader,
  options: AbortOptions = {},
): Promise<PullCredentials> {
  const { namespace } = pod.metadata;
  const names = pod.spec.imagePullSecrets.map(({ name }) => name).filter((name) => name !== '');
  const found = await Promise.all(
    names.map(async (name) => {
      const secret = await objects.secret({ namespace, name }, options);
      return { name, source: secret && credentialsOf(secret) };
    }),
  );
  return {
    credentials: combineCredentials(
      ...found.map(({ source }) => source).filter((source) => source !== undefined),
    ),
    missing: found.flatMap(({ name, source }) => (source === undefined ? [name] : [])),
  };
}

function credentialsOf({ data, metadata }: Secret): CredentialSource | undefined {
  const text = data['.dockerconfigjson'] ?? data['.dockercfg'];
  if (text === undefined) return undefined;
  try {
    const config: unknown = JSON.parse(text.toString());
    return new DockerConfigCredentials(parseDockerConfig(config, `Secret "${metadata.name}"`));
  } catch {
    // A Secret that cannot be read counts as missing: its name is reported, its text never.
    return undefined;
  }
}
