import { createHash } from 'node:crypto';
import { type FSWatcher, watch } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { LocalListWatch } from '../../krator/cache/local-list-watch.ts';
import { keyOf } from '../../kubernetes/api/object.ts';
import type { Clock } from '../../kubernetes/clock.ts';
import { Doorbell } from '../doorbell.ts';
import { parseManifest } from '../pods/manifest.ts';
import type { Pod } from '../pods/schema/pod.ts';
import { withStableUid } from './pod-identity.ts';

/** How long writers of a file have to finish it. */
const settle = 100;

export interface ManifestDirectoryComponents {
  /** Where the pods are put. */
  readonly source: LocalListWatch<Pod>;
  readonly clock: Clock;
}

export interface ManifestDirectoryInit {
  /** Folder with one or more pods in each `.yaml`, `.yml` or `.json` file. */
  readonly directory: string;
  /** Part of a static pod's name and uid. */
  readonly nodeName: string;
  /** Hears of a file that cannot be used; pods it had before go on. */
  readonly onError: (error: unknown, file: string) => void;
}

/**
 * The static pods of a folder: what is in it runs, what changes runs anew, what goes is ended.
 * Named and marked as stock kubelets do it, so that mirror pods fit.
 */
export class ManifestDirectory {
  readonly #components: ManifestDirectoryComponents;
  readonly #init: ManifestDirectoryInit;
  /** The pods of each file as they were last read. */
  readonly #files = new Map<string, readonly Pod[]>();

  constructor(components: ManifestDirectoryComponents, init: ManifestDirectoryInit) {
    this.#components = components;
    this.#init = init;
  }

  /** Reads the folder once. */
  async read(): Promise<void> {
    const names = (await readdir(this.#init.directory)).filter(isManifest);
    for (const name of names) await this.#readFile(name);
    for (const name of this.#files.keys()) if (!names.includes(name)) this.#set(name, []);
  }

  /** Follows the folder until the signal aborts. */
  async run({ signal }: { readonly signal: AbortSignal }): Promise<void> {
    const doorbell = new Doorbell();
    using _watcher = watching(this.#init.directory, () => doorbell.ring());
    await this.read();
    while (!signal.aborted) {
      await doorbell.wait({ signal });
      await this.#components.clock.sleep(settle, { signal }).catch(() => undefined);
      if (!signal.aborted) await this.read();
    }
  }

  async #readFile(name: string): Promise<void> {
    const file = path.join(this.#init.directory, name);
    try {
      const text = await readFile(file, 'utf8');
      const { pods } = parseManifest(text, file);
      this.#set(
        name,
        pods.map((pod) => staticPod(pod, this.#init.nodeName)),
      );
    } catch (error) {
      this.#init.onError(error, file);
    }
  }

  #set(name: string, pods: readonly Pod[]): void {
    const { source } = this.#components;
    const before = this.#files.get(name) ?? [];
    for (const pod of before) {
      if (pods.every((other) => keyOf(other) !== keyOf(pod))) source.remove(keyOf(pod));
    }
    for (const pod of pods) {
      if (before.every(({ metadata }) => metadata.uid !== pod.metadata.uid)) source.put(pod);
    }
    if (pods.length === 0) this.#files.delete(name);
    else this.#files.set(name, pods);
  }
}

/** Marks a pod as static: its name ends in the node's, and it tolerates every NoExecute taint. */
function staticPod(pod: Pod, nodeName: string): Pod {
  const identified = withStableUid(pod, nodeName);
  const { metadata, spec } = identified;
  const hash = createHash('md5').update(metadata.uid).digest('hex');
  return {
    ...identified,
    metadata: {
      ...metadata,
      name: `${metadata.name}-${nodeName}`,
      annotations: {
        ...metadata.annotations,
        'kubernetes.io/config.source': 'file',
        'kubernetes.io/config.hash': hash,
      },
    },
    spec: {
      ...spec,
      nodeName,
      tolerations: [...spec.tolerations, { operator: 'Exists', effect: 'NoExecute', value: '' }],
    },
  };
}

function isManifest(name: string): boolean {
  return !name.startsWith('.') && /\.(ya?ml|json)$/.test(name);
}

function watching(directory: string, onChange: () => void): Disposable {
  const watcher: FSWatcher = watch(directory, onChange);
  return { [Symbol.dispose]: () => watcher.close() };
}
