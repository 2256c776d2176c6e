import { rm } from 'node:fs/promises';
import type { ImageSource } from '../../kubelet/images/image-source.ts';
import type { Manifest } from '../../kubelet/pods/manifest.ts';
import type { EventSink } from '../../kubelet/pods/pod-ports.ts';
import type { Pod } from '../../kubelet/pods/schema/pod.ts';
import type { Provider } from '../../kubelet/provider.ts';
import { type PodResult, runPods } from '../../kubelet/standalone/run-pods.ts';
import { exitCodes } from '../cli/exit-codes.ts';
import type { Host } from '../cli/host.ts';
import type { RegistryOptions } from '../options/registry-options.ts';
import { describeEnd } from '../output/describe-end.ts';
import { printable } from '../output/printable.ts';
import { objectsOf } from './manifest-objects-of.ts';
import { PodHost } from './pod-host.ts';
import { PodOutput } from './pod-output.ts';

export interface ForegroundRun {
  readonly host: Host;
  readonly provider: Provider;
  /** Where images come from. @default registries and local modules */
  readonly imageSource?: ImageSource;
  /** Absolute path of the folder with images and pods. */
  readonly dataDir: string;
  readonly registries?: RegistryOptions;
}

/**
 * Runs the pods of a manifest until all have ended or are asked to, or nobody reads what they write,
 * which is printed, as is what goes wrong.
 *
 * @returns 0 where all succeeded or were stopped on request, else the first failed container's code
 */
export async function runInForeground(
  { host, provider, imageSource, dataDir, registries = {} }: ForegroundRun,
  manifest: Manifest,
  { stop }: { readonly stop: AbortSignal },
): Promise<number> {
  const told: string[] = [];
  const tell = (line: string) => {
    told.push(line);
    host.stderr.write(`krustlet: ${printable(line)}\n`);
  };
  await using pods = await PodHost.open(host.env, registries, {
    provider,
    ...(imageSource && { imageSource }),
    dataDir,
    objects: objectsOf(manifest),
    events: warnings(tell),
    keepContainers: false,
  });
  const { directories } = pods.components;
  const containers = manifest.pods.flatMap(({ spec }) => spec.containers).length;
  const unread = new AbortController();
  const onUnread = () => unread.abort();
  const output = new PodOutput({ host, directories, prefixed: containers > 1, onUnread });
  const results = await runPods(pods.components, manifest.pods, {
    stop: AbortSignal.any([stop, unread.signal]),
    onStatus: output.update.bind(output),
  });
  await output.finish();
  for (const { metadata } of manifest.pods) {
    await rm(directories.logsOfPod(metadata), { recursive: true, force: true });
  }
  for (const { pod, problem } of results) {
    for (const end of endsOf(pod)) tell(end);
    if (problem !== undefined && !isTold(problem, told)) tell(problem);
  }
  return stop.aborted || unread.signal.aborted ? exitCodes.ok : exitCodeOf(results);
}

function endsOf({ metadata, status }: Pod): string[] {
  return [...status.initContainerStatuses, ...status.containerStatuses].flatMap(
    ({ name, state: { terminated } }) => {
      const end = terminated && describeEnd(terminated, 'resources.limits.memory');
      return end === undefined ? [] : [`${metadata.name}/${name}: ${end}`];
    },
  );
}

/** A warning said it when it happened, after the name of the pod and the reason. */
function isTold(problem: string, told: readonly string[]): boolean {
  return told.some((line) => problem.endsWith(line.replace(/^pod "[^"]*": \w+: /, '')));
}

/** Tells of what goes wrong but is tried again; what fails for good is told at the end. */
function warnings(tell: (line: string) => void): EventSink {
  return {
    record({ type, pod, reason, message }) {
      if (type === 'Warning' && reason !== 'Failed')
        tell(`pod "${pod.metadata.name}": ${reason}: ${message}`);
    },
  };
}

/**
 * The code of the first container that failed, krustlet's own where a pod could not run. The
 * sidecars of a pod that succeeded were ended by the kubelet.
 */
function exitCodeOf(results: readonly PodResult[]): number {
  if (results.some(({ problem }) => problem !== undefined)) return exitCodes.krustletFailed;
  const failed = results.filter(({ pod: { status } }) => status.phase !== 'Succeeded');
  const ends = failed.flatMap(({ pod: { status } }) =>
    [...status.initContainerStatuses, ...status.containerStatuses].map(({ state }) => state),
  );
  return ends.map(({ terminated }) => terminated?.exitCode ?? 0).find((code) => code !== 0) ?? 0;
}
