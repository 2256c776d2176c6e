import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { ImageSource } from '../../kubelet/images/image-source.ts';
import type { Provider } from '../../kubelet/provider.ts';
import { NodeLogger } from '../node/node-logger.ts';
import { runClusterNode } from '../node/run-cluster-node.ts';
import { nodeConfig } from '../node-config/node-config.ts';
import type { GivenSettings } from '../node-config/node-settings.ts';

/** What {@link runNode} is told beyond the provider. */
export interface RunNodeOptions {
  /** What `krustlet` is told by flags and files. @default as there */
  readonly settings?: GivenSettings;
  /** Where images come from. @default registries, and they hold WebAssembly */
  readonly imageSource?: ImageSource;
  /** The least that is logged, to stderr, such as `debug`. @default 'info' */
  readonly logLevel?: string;
  /** Ends the node; containers go on, to be found by the next one. */
  readonly signal?: AbortSignal;
}

/**
 * Is a node of a cluster whose containers `provider` runs: it bootstraps its credentials where it has
 * none, registers, runs the pods bound to it, and serves the kubelet's API. Resolves when the signal
 * has aborted.
 *
 * @throws where there is no way into a cluster
 */
export async function runNode(provider: Provider, options: RunNodeOptions = {}): Promise<void> {
  const { settings = {}, imageSource, logLevel } = options;
  const config = nodeConfig(settings);
  await mkdir(path.join(config.dataDir, 'config'), { recursive: true, mode: 0o700 });
  const log = new NodeLogger(logLevel);
  const signal = options.signal ?? new AbortController().signal;
  const parts = { provider, env: process.env, log, ...(imageSource && { imageSource }) };
  try {
    await runClusterNode(parts, config, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
