import { readFile } from 'node:fs/promises';
import type { ImageSource } from '../../kubelet/images/image-source.ts';
import { ClientCredentials } from '../../kubelet/node/credentials/client-credentials.ts';
import type { Provider } from '../../kubelet/provider.ts';
import { ApiClient } from '../../kubernetes/api/api-client.ts';
import { ApiConnection } from '../../kubernetes/connection/api-connection.ts';
import { untilAborted } from '../../kubernetes/until-aborted.ts';
import type { Host } from '../cli/host.ts';
import { krustletVersion } from '../cli/krustlet-version.ts';
import { UserError } from '../cli/user-error.ts';
import { openImageStore } from '../images/image-store.ts';
import { RegistryAccess } from '../images/registry-access.ts';
import type { NodeConfig } from '../node-config/node-config.ts';
import { ClusterNode } from './cluster-node.ts';
import { describeNode } from './describe-node.ts';
import type { NodeLogger } from './node-logger.ts';
import { runTogether } from './run-together.ts';
import type { StaticPods } from './static-pods.ts';

export interface ClusterNodeParts {
  readonly provider: Provider;
  /** Where images come from. @default registries, and they hold WebAssembly */
  readonly imageSource?: ImageSource;
  readonly staticPods?: StaticPods;
  readonly env: Host['env'];
  readonly log: NodeLogger;
}

/**
 * Is a node of a cluster until the signal aborts: with the credentials that it has, or those that it
 * bootstraps.
 *
 * @throws {NoCredentialsError} where it has no way into a cluster
 */
export async function runClusterNode(
  { provider, imageSource, staticPods, env, log }: ClusterNodeParts,
  config: NodeConfig,
  signal: AbortSignal,
): Promise<void> {
  const { nodeName, kubeconfig: kubeconfigFile, bootstrapFile } = config;
  const credentials = new ClientCredentials(
    { log },
    { nodeName, kubeconfigFile, bootstrapFile, environment: env },
  );
  const cluster = await credentials.load({ signal });
  await using connection = new ApiConnection(cluster, {
    userAgent: `krustlet/${krustletVersion()}`,
  });
  await using registries = new RegistryAccess(env, {
    insecureRegistries: config.insecureRegistries.join(','),
    mirror: config.registryMirrors,
  });
  const description = await describeNode(config, await provider.describe(), cluster.server, log);
  const node = new ClusterNode(
    {
      client: new ApiClient({ connection }),
      provider,
      images: await openImageStore(config.dataDir),
      registries: registries.client,
      log,
      ...(imageSource && { imageSource }),
      ...(staticPods && { staticPods }),
    },
    {
      config,
      description,
      apiServer: cluster.server,
      clientCa: await readClientCa(config, cluster.certificateAuthority),
    },
  );
  await runTogether(
    [
      (options) => node.run(options),
      // Credentials that nobody renews are done at once, which is no reason to end.
      (options) => credentials.run(connection, options).then(() => untilAborted(options.signal)),
    ],
    { signal },
  );
}

async function readClientCa(
  { clientCAFile }: NodeConfig,
  ofCluster: string | undefined,
): Promise<string | undefined> {
  if (clientCAFile === undefined) return ofCluster;
  try {
    return await readFile(clientCAFile, 'utf8');
  } catch (cause) {
    throw new UserError(`reading client CA '${clientCAFile}' failed`, { cause });
  }
}
