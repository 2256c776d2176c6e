import { rm } from 'node:fs/promises';
import type { Manifest } from '../../kubelet/pods/manifest.ts';
import type { EventSink } from '../../kubelet/pods/pod-ports.ts';
import { type PodResult, runPods } from '../../kubelet/standalone/run-pods.ts';
import { exitCodes } from '../cli/exit-codes.ts';
import type { Invocation } from '../cli/invocation.ts';
import { podUidOf } from '../containers/container-summary.ts';
import { Machine } from '../containers/machine.ts';
import { loadManifest } from '../pods/load-manifest.ts';
import { objectsOf } from '../pods/manifest-objects-of.ts';
import { PodHost } from '../pods/pod-host.ts';
import { PodOutput } from '../pods/pod-output.ts';
import type { RunOptions } from './run-options.ts';
import { StopSignals } from './stop-signals.ts';

/**
 * Runs the pods of a manifest in the foreground until all have ended, and prints what they write.
 *
 * @returns 0 where all succeeded or were stopped on request, else the first failed container's code
 */
export async function runManifest(
  invocation: Invocation,
  file: string,
  options: RunOptions,
): Promise<number> {
  const manifest = loadManifest(file);
  if (options.detach === true) {
    const { superviseInBackground } = await import('../pods/supervise-in-background.ts');
    return await superviseInBackground(invocation, file, manifest, options);
  }
  using machine = new Machine({ dataDir: invocation.dataDir(options) });
  await using pods = await PodHost.open(invocation.host, options, {
    machine,
    objects: objectsOf(manifest),
    events: warnings(invocation),
    keepContainers: false,
    wasmtime: options.wasmtime,
  });
  const { directories } = pods.components;
  const containers = manifest.pods.flatMap(({ spec }) => spec.containers).length;
  const output = new PodOutput({ host: invocation.host, directories, prefixed: containers > 1 });
  const { results, stopped } = await runUntilStopped(machine, pods, manifest, output);
  await output.finish();
  for (const { metadata } of manifest.pods) {
    await rm(directories.logsOfPod(metadata), { recursive: true, force: true });
  }
  for (const { problem } of results) {
    if (problem !== undefined) invocation.tell(`krustlet: ${problem}`);
  }
  return stopped ? exitCodes.ok : exitCodeOf(results);
}

async function runUntilStopped(
  machine: Machine,
  pods: PodHost,
  manifest: Manifest,
  output: PodOutput,
) {
  const stop = new AbortController();
  using _signals = new StopSignals((attempt) => {
    stop.abort();
    if (attempt > 1) void killContainers(machine, manifest);
  });
  const results = await runPods(pods.components, manifest.pods, {
    stop: stop.signal,
    onStatus: (pod) => output.update(pod),
  });
  return { results, stopped: stop.signal.aborted };
}

/** What their grace periods would have left to them is taken away. */
async function killContainers(machine: Machine, { pods }: Manifest): Promise<void> {
  const uids: readonly (string | undefined)[] = pods.map(({ metadata }) => metadata.uid);
  const containers = machine
    .list()
    .filter(({ spec, state }) => state.kind === 'running' && uids.includes(podUidOf(spec)));
  await Promise.all(containers.map((container) => machine.open(container).stop(0)));
}

/** Tells of what goes wrong but is tried again; what fails for good is told at the end. */
function warnings(invocation: Invocation): EventSink {
  return {
    record({ type, pod, reason, message }) {
      if (type === 'Warning' && reason !== 'Failed')
        invocation.tell(`krustlet: pod "${pod.metadata.name}": ${reason}: ${message}`);
    },
  };
}

/** The code of the first container that failed, krustlet's own where a pod could not run. */
function exitCodeOf(results: readonly PodResult[]): number {
  if (results.some(({ problem }) => problem !== undefined)) return exitCodes.krustletFailed;
  const ends = results.flatMap(({ pod: { status } }) =>
    [...status.initContainerStatuses, ...status.containerStatuses].map(({ state }) => state),
  );
  return ends.map(({ terminated }) => terminated?.exitCode ?? 0).find((code) => code !== 0) ?? 0;
}
