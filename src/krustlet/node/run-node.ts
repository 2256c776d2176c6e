import { access, mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import {
  ClientCredentials,
  NoCredentialsError,
} from '../../kubelet/node/credentials/client-credentials.ts';
import { ApiClient } from '../../kubernetes/api/api-client.ts';
import { ApiConnection } from '../../kubernetes/connection/api-connection.ts';
import { untilAborted } from '../../kubernetes/until-aborted.ts';
import { WasiProvider } from '../../wasi-provider/wasi-provider.ts';
import type { Invocation } from '../cli/invocation.ts';
import { krustletVersion } from '../cli/krustlet-version.ts';
import { UserError } from '../cli/user-error.ts';
import { findWasmtime } from '../containers/find-wasmtime.ts';
import { Machine } from '../containers/machine.ts';
import { openImageStore } from '../images/image-store.ts';
import { RegistryAccess } from '../images/registry-access.ts';
import type { NodeConfig } from '../node-config/node-config.ts';
import { StopSignals } from '../run/stop-signals.ts';
import { ClusterNode } from './cluster-node.ts';
import { describeNode } from './describe-node.ts';
import { NodeLogger } from './node-logger.ts';
import { runTogether } from './run-together.ts';
import { runStandaloneNode } from './standalone-node.ts';
import { StaticPods } from './static-pods.ts';

/** Exit code of a process that a second signal ended: that of an interrupted program. */
const interrupted = 130;

/** Is a node of a cluster until a signal comes; a second signal ends the process at once. */
export async function runNode(invocation: Invocation, config: NodeConfig): Promise<void> {
  const log = new NodeLogger(invocation.host.env.KRUSTLET_LOG ?? invocation.host.env.RUST_LOG);
  const stop = new AbortController();
  using _signals = new StopSignals((attempt) => {
    if (attempt > 1) process.exit(interrupted);
    stop.abort(new Error('the node stops'));
  });
  await mkdir(path.join(config.dataDir, 'config'), { recursive: true, mode: 0o700 });
  try {
    if (await isStandalone(config)) await runStandalone(invocation, config, log, stop.signal);
    else await runInCluster(invocation, config, log, stop.signal);
  } catch (error) {
    if (stop.signal.aborted) return;
    if (error instanceof NoCredentialsError) throw new UserError(error.message, { cause: error });
    throw error;
  }
}

/** With static pods and no way to a cluster, a node runs by itself. */
async function isStandalone(config: NodeConfig): Promise<boolean> {
  if (config.podManifestPath === undefined) return false;
  const files = [config.kubeconfig, config.bootstrapFile];
  return !(await Promise.all(files.map(isThere))).includes(true);
}

async function isThere(file: string): Promise<boolean> {
  return await access(file).then(
    () => true,
    () => false,
  );
}

async function runStandalone(
  { host }: Invocation,
  config: NodeConfig,
  log: NodeLogger,
  signal: AbortSignal,
): Promise<void> {
  const { staticPods } = staticPodsOf(config, log);
  if (staticPods !== undefined) {
    await runStandaloneNode({ host, staticPods, log }, config, { signal });
  }
}

async function runInCluster(
  invocation: Invocation,
  config: NodeConfig,
  log: NodeLogger,
  signal: AbortSignal,
): Promise<void> {
  const credentials = new ClientCredentials(
    { log },
    {
      nodeName: config.nodeName,
      kubeconfigFile: config.kubeconfig,
      bootstrapFile: config.bootstrapFile,
      environment: invocation.host.env,
    },
  );
  const cluster = await credentials.load({ signal });
  await using connection = new ApiConnection(cluster, {
    userAgent: `krustlet/${krustletVersion()}`,
  });
  const { containerStart, dataDir } = config;
  using machine = new Machine({ containerStart, dataDir });
  await using registries = new RegistryAccess(invocation.host, {
    insecureRegistries: config.insecureRegistries.join(','),
    mirror: config.registryMirrors,
  });
  const wasmtime = await wasmtimeOf(invocation, config, log);
  const provider = new WasiProvider(
    { runtime: machine.runtime },
    { version: krustletVersion(), sandbox: config.sandbox, ...(wasmtime && { wasmtime }) },
  );
  const description = await describeNode(config, await provider.describe(), cluster.server, log);
  const node = new ClusterNode(
    {
      client: new ApiClient({ connection }),
      provider,
      images: await openImageStore(config.dataDir),
      registries: registries.client,
      log,
      ...staticPodsOf(config, log),
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

/** One that was asked for and cannot be used is worth a warning; without it the node does as well. */
async function wasmtimeOf(
  { host: { env } }: Invocation,
  { wasmtime: given }: NodeConfig,
  log: NodeLogger,
): Promise<string | undefined> {
  const found = await findWasmtime({ env, given });
  if (found.kind === 'found') return found.path;
  if (given !== undefined) log.warn(`Engine 'wasmtime' is not offered: ${found.reason}`);
  return undefined;
}

function staticPodsOf(
  { podManifestPath, nodeName }: NodeConfig,
  log: NodeLogger,
): { readonly staticPods?: StaticPods } {
  if (podManifestPath === undefined) return {};
  return { staticPods: new StaticPods({ log }, { path: podManifestPath, nodeName }) };
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
