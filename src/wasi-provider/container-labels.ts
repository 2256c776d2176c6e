import type { ContainerConfig } from '../kubelet/provider.ts';

/** Labels that every CRI tool knows, and one that keeps what the kubelet wanted. */
const labels = {
  podName: 'io.kubernetes.pod.name',
  podNamespace: 'io.kubernetes.pod.namespace',
  podUid: 'io.kubernetes.pod.uid',
  containerName: 'io.kubernetes.container.name',
  restartCount: 'io.kubernetes.container.restartCount',
  image: 'io.krustlet.image',
  config: 'io.krustlet.config',
  keeper: 'io.krustlet.keeper',
} as const;

/** Who looks after a container: a node in all of its lives, or a command for as long as it runs. */
export type Keeper = 'node' | 'command';

/** What is kept with a container, so that a later life of the daemon knows whose it is. */
export function containerLabels(
  config: ContainerConfig,
  keeper: Keeper,
): Readonly<Record<string, string>> {
  return {
    [labels.keeper]: keeper,
    [labels.podName]: config.pod.name,
    [labels.podNamespace]: config.pod.namespace,
    [labels.podUid]: config.pod.uid,
    [labels.containerName]: config.name,
    [labels.restartCount]: String(config.attempt),
    [labels.image]: config.image.reference,
    [labels.config]: JSON.stringify(config),
  };
}

/** Whether a kubelet of this keeper started the container; nodes once left no word of themselves. */
export function isKeptBy(keeper: Keeper, kept: Readonly<Record<string, string>>): boolean {
  return kept[labels.config] !== undefined && (kept[labels.keeper] ?? 'node') === keeper;
}

/** Reads what `containerLabels` kept; `undefined` for a container that no kubelet started. */
export function configOfLabels(
  kept: Readonly<Record<string, string>>,
): ContainerConfig | undefined {
  const text = kept[labels.config];
  // Written by this provider into a directory that only its owner can write.
  return text === undefined ? undefined : (JSON.parse(text) as ContainerConfig);
}
