import { access, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { NoCredentialsError } from '../../kubelet/node/credentials/client-credentials.ts';
import { WasiProvider } from '../../wasi-provider/wasi-provider.ts';
import { checkDataDir } from '../cli/check-data-dir.ts';
import type { Host } from '../cli/host.ts';
import type { Invocation } from '../cli/invocation.ts';
import { krustletVersion } from '../cli/krustlet-version.ts';
import { UserError } from '../cli/user-error.ts';
import { findWasmtime } from '../containers/find-wasmtime.ts';
import { Machine } from '../containers/machine.ts';
import type { NodeConfig } from '../node-config/node-config.ts';
import { StopSignals } from '../run/stop-signals.ts';
import { growHeapFor } from './grow-heap.ts';
import { NodeLogger } from './node-logger.ts';
import { runClusterNode } from './run-cluster-node.ts';
import { runStandaloneNode } from './standalone-node.ts';
import { StaticPods } from './static-pods.ts';

/** Exit code of a process that a second signal ended: that of an interrupted program. */
const interrupted = 130;

/** Is a node of a cluster until a signal comes; a second signal ends the process at once. */
export async function runNodeCommand(invocation: Invocation, config: NodeConfig): Promise<void> {
  const log = new NodeLogger(invocation.host.env.KRUSTLET_LOG ?? invocation.host.env.RUST_LOG);
  const stop = new AbortController();
  using _signals = new StopSignals((attempt) => {
    if (attempt > 1) process.exit(interrupted);
    stop.abort(new Error('the node stops'));
  });
  growHeapFor(config.maxPods);
  checkDataDir(config.dataDir);
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
  { host: { env } }: Invocation,
  config: NodeConfig,
  log: NodeLogger,
  signal: AbortSignal,
): Promise<void> {
  const { containerStart, dataDir, sandbox } = config;
  using machine = new Machine({ containerStart, dataDir });
  const wasmtime = await wasmtimeOf(env, config, log);
  const provider = new WasiProvider(
    { runtime: machine.runtime },
    { version: krustletVersion(), sandbox, ...(wasmtime && { wasmtime }) },
  );
  await runClusterNode({ provider, env, log, ...staticPodsOf(config, log) }, config, signal);
}

/** One that was asked for and cannot be used is worth a warning; without it the node does as well. */
async function wasmtimeOf(
  env: Host['env'],
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
