import os from 'node:os';
import path from 'node:path';
import type { ImageSource } from '../../kubelet/images/image-source.ts';
import type { Provider } from '../../kubelet/provider.ts';
import { processHost } from '../cli/host.ts';
import { loadManifest } from '../pods/load-manifest.ts';
import { runInForeground } from '../pods/run-in-foreground.ts';

/** What {@link runManifest} is told beyond provider and file. */
export interface RunManifestOptions {
  /** Where images come from. @default registries and local files that hold WebAssembly */
  readonly imageSource?: ImageSource;
  /** Folder with images and pods. @default ~/.krustlet */
  readonly dataDir?: string;
  /** Asks for all pods to be ended within their grace periods. */
  readonly signal?: AbortSignal;
}

/**
 * Runs the Pods of a manifest, which may hold ConfigMaps and Secrets too, without a cluster, their
 * containers by `provider`. What they write goes to this process's stdout and stderr.
 *
 * @returns 0 where all succeeded or were stopped on request, else the first failed container's code
 * @throws where the manifest cannot be read
 */
export async function runManifest(
  provider: Provider,
  file: string,
  { imageSource, dataDir, signal }: RunManifestOptions = {},
): Promise<number> {
  const run = {
    host: processHost(),
    provider,
    dataDir: path.resolve(dataDir ?? path.join(os.homedir(), '.krustlet')),
    ...(imageSource && { imageSource }),
  };
  const stop = signal ?? new AbortController().signal;
  return await runInForeground(run, loadManifest(file), { stop });
}
