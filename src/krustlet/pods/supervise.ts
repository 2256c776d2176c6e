import type { Pod } from '../../kubelet/pods/schema/pod.ts';
import { podProblem } from '../../kubelet/standalone/pod-problem.ts';
import { runPods } from '../../kubelet/standalone/run-pods.ts';
import { exitCodes } from '../cli/exit-codes.ts';
import type { Invocation } from '../cli/invocation.ts';
import { Machine } from '../containers/machine.ts';
import type { RegistryOptions } from '../options/registry-options.ts';
import { StopSignals } from '../run/stop-signals.ts';
import { loadManifest } from './load-manifest.ts';
import { objectsOf } from './manifest-objects-of.ts';
import { openWasiProvider } from './open-wasi-provider.ts';
import { PodHost } from './pod-host.ts';
import { recordSupervisor, supervisedOf } from './supervisor-record.ts';

/** What a supervisor tells the command that started it. */
export type SupervisorMessage =
  | { readonly kind: 'started' }
  | { readonly kind: 'failed'; readonly message: string };

export interface SuperviseOptions extends RegistryOptions {
  /** Path of wasmtime's program. @default looked for */
  readonly wasmtime?: string;
}

/**
 * Runs the pods of a manifest until they have ended or this process is asked to end; tells its
 * parent when they have started. Their logs and ended containers are kept.
 */
export async function supervise(
  invocation: Invocation,
  file: string,
  options: SuperviseOptions,
): Promise<number> {
  const manifest = loadManifest(file);
  using machine = new Machine({ dataDir: invocation.dataDir(options) });
  using _record = recordSupervisor(machine.dataDir, supervisedOf(file, manifest));
  const { env } = invocation.host;
  await using pods = await PodHost.open(env, options, {
    provider: await openWasiProvider(machine, { env, wasmtime: options.wasmtime }),
    dataDir: machine.dataDir,
    objects: objectsOf(manifest),
    events: {
      record: ({ pod, reason, message }) =>
        invocation.tell(`pod "${pod.metadata.name}": ${reason}: ${message}`),
    },
    keepContainers: true,
  });
  const stop = new AbortController();
  using _signals = new StopSignals(() => stop.abort());
  const waiting = new Set(manifest.pods.map(({ metadata }) => metadata.uid));
  const results = await runPods(pods.components, manifest.pods, {
    stop: stop.signal,
    onStatus: (pod) => {
      const problem = podProblem(pod);
      if (problem !== undefined) tellParent({ kind: 'failed', message: problem });
      if (hasStarted(pod)) waiting.delete(pod.metadata.uid);
      if (waiting.size === 0) tellParent({ kind: 'started' });
    },
  });
  return results.some(({ problem }) => problem !== undefined) ? exitCodes.krustletFailed : 0;
}

function hasStarted({ status: { phase } }: Pod): boolean {
  return phase !== 'Pending' && phase !== 'Unknown';
}

function tellParent(message: SupervisorMessage): void {
  if (process.connected) process.send?.(message);
}
