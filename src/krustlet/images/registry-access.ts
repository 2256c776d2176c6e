import { readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { CredentialSource } from '../../oci/credentials/credential.ts';
import { CredentialHelper } from '../../oci/credentials/credential-helper.ts';
import { DockerConfigCredentials, parseDockerConfig } from '../../oci/credentials/docker-config.ts';
import { parseMirrors } from '../../oci/registry/endpoints.ts';
import { RegistryClient, type RegistryClientInit } from '../../oci/registry/registry-client.ts';
import type { Host } from '../cli/host.ts';
import { krustletVersion } from '../cli/krustlet-version.ts';
import { UserError } from '../cli/user-error.ts';
import type { RegistryOptions } from '../options/registry-options.ts';

/** How this user talks to registries: options first, then the usual variables and files. */
export class RegistryAccess implements AsyncDisposable {
  readonly client: RegistryClient;
  readonly credentials: CredentialSource;

  constructor(env: Host['env'], options: RegistryOptions) {
    const insecure = options.insecureRegistries ?? env.KRUSTLET_INSECURE_REGISTRIES ?? '';
    this.client = new RegistryClient({
      registries: {
        insecure: insecure.split(',').filter((host) => host !== ''),
        mirrors: parseMirrors(options.mirror ?? []),
      },
      proxies: proxiesOf(env),
      caCertificates: authoritiesOf(env),
      userAgent: `krustlet/${krustletVersion()}`,
    });
    this.credentials = dockerCredentials(env);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client[Symbol.asyncDispose]();
  }
}

function authoritiesOf({ SSL_CERT_FILE: file }: Host['env']): readonly string[] {
  if (file === undefined) return [];
  try {
    return [readFileSync(file, 'utf8')];
  } catch (cause) {
    throw new UserError(`reading SSL_CERT_FILE '${file}' failed`, { cause });
  }
}

function proxiesOf(env: Host['env']): NonNullable<RegistryClientInit['proxies']> {
  const httpProxy = env.http_proxy ?? env.HTTP_PROXY;
  const httpsProxy = env.https_proxy ?? env.HTTPS_PROXY;
  const noProxy = env.no_proxy ?? env.NO_PROXY;
  return {
    ...(httpProxy !== undefined && { httpProxy }),
    ...(httpsProxy !== undefined && { httpsProxy }),
    ...(noProxy !== undefined && { noProxy }),
  };
}

/** What `docker login` has left, helper programs included. */
function dockerCredentials(env: Host['env']): CredentialSource {
  const folder = env.DOCKER_CONFIG ?? path.join(os.homedir(), '.docker');
  const file = path.join(folder, 'config.json');
  const config = parseDockerConfig(readJson(file) ?? { auths: {} }, `'${file}'`);
  return new DockerConfigCredentials(config, { helper: new CredentialHelper({ env }) });
}

/** `undefined` where there is no such file. */
function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    throw new UserError(`reading '${file}' failed`, { cause });
  }
}
