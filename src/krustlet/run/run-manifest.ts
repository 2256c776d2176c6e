import type { Manifest } from '../../kubelet/pods/manifest.ts';
import type { Invocation } from '../cli/invocation.ts';
import { podUidOf } from '../containers/container-summary.ts';
import { Machine } from '../containers/machine.ts';
import { loadManifest } from '../pods/load-manifest.ts';
import { openWasiProvider } from '../pods/open-wasi-provider.ts';
import { runInForeground } from '../pods/run-in-foreground.ts';
import { demandFreeNames, recordSupervisor, supervisedOf } from '../pods/supervisor-record.ts';
import type { RunOptions } from './run-options.ts';
import { StopSignals } from './stop-signals.ts';

/**
 * Runs the pods of a manifest: until all have ended, or in the background.
 *
 * @returns the exit code, see `runInForeground`
 */
export async function runManifest(
  invocation: Invocation,
  file: string,
  options: RunOptions,
): Promise<number> {
  const manifest = loadManifest(file);
  const dataDir = invocation.dataDir(options);
  demandFreeNames(dataDir, file, manifest);
  if (options.detach === true) {
    const { superviseInBackground } = await import('../pods/supervise-in-background.ts');
    return await superviseInBackground(invocation, file, manifest, options);
  }
  const { host } = invocation;
  using machine = new Machine({ dataDir });
  using _record = recordSupervisor(machine.dataDir, supervisedOf(file, manifest));
  const { env } = host;
  const provider = await openWasiProvider(machine, { env, wasmtime: options.wasmtime });
  const stop = new AbortController();
  using _signals = new StopSignals((attempt) => {
    stop.abort();
    if (attempt > 1) void killContainers(machine, manifest);
  });
  const run = { host, provider, dataDir, registries: options };
  return await runInForeground(run, manifest, { stop: stop.signal });
}

/** What their grace periods would have left to them is taken away. */
async function killContainers(machine: Machine, { pods }: Manifest): Promise<void> {
  const uids: readonly (string | undefined)[] = pods.map(({ metadata }) => metadata.uid);
  const containers = machine
    .list()
    .filter(({ spec, state }) => state.kind === 'running' && uids.includes(podUidOf(spec)));
  await Promise.all(containers.map((container) => machine.open(container).stop(0)));
}
