import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Store } from '../../krator/cache/store.ts';
import { untilAborted } from '../../kubernetes/until-aborted.ts';
import { DirectoryWatch } from '../logs/directory-watch.ts';
import type { NodeLog } from '../node/node-log.ts';
import { parseManifest } from '../pods/manifest.ts';
import { ManifestError } from '../pods/manifest-error.ts';
import type { Pod } from '../pods/schema/pod.ts';
import { withStableUid } from '../standalone/pod-identity.ts';
import { hashAnnotation, sourceAnnotation } from './static-annotations.ts';

export interface StaticPodSourceComponents {
  /** Takes the pods; it is the source's alone to change. */
  readonly store: Store<Pod, string>;
  readonly log: NodeLog;
}

export interface StaticPodSourceInit {
  /** A folder of manifests, or one manifest. */
  readonly path: string;
  readonly nodeName: string;
}

/** How long who writes a file has to finish it, in milliseconds. */
const settleTime = 100;

/** Longest time until a change is seen that nobody told of, as on network file systems. */
const rescanInterval = 20_000;

/**
 * The static pods of a node: kept as the manifests in a folder say, until the signal aborts. A
 * manifest that is wrong is told and leaves its pods as they were.
 *
 * @see https://kubernetes.io/docs/tasks/configure-pod-container/static-pod/
 */
export class StaticPodSource {
  readonly #components: StaticPodSourceComponents;
  readonly #init: StaticPodSourceInit;
  /** The pods of each file as it was last readable, and what was wrong with it when it was not. */
  readonly #files = new Map<string, { readonly pods: readonly Pod[]; readonly problem?: string }>();
  readonly #synced = Promise.withResolvers<void>();

  constructor(components: StaticPodSourceComponents, init: StaticPodSourceInit) {
    this.#components = components;
    this.#init = { ...init, path: path.resolve(init.path) };
  }

  /** Resolves once the store has the pods that were there at the start. */
  get synced(): Promise<void> {
    return this.#synced.promise;
  }

  async run({ signal }: { readonly signal: AbortSignal }): Promise<void> {
    while (!signal.aborted) {
      using watch = await this.#watch();
      await this.#scan();
      this.#synced.resolve();
      await this.#rest(watch, signal);
    }
  }

  /** Watches anew each time, as the folder may have been replaced by another one. */
  async #watch(): Promise<DirectoryWatch | undefined> {
    const found = await stat(this.#init.path).catch(() => undefined);
    if (found === undefined) return undefined;
    return new DirectoryWatch(
      found.isDirectory() ? this.#init.path : path.dirname(this.#init.path),
    );
  }

  async #rest(watch: DirectoryWatch | undefined, signal: AbortSignal): Promise<void> {
    const rest = AbortSignal.any([signal, AbortSignal.timeout(rescanInterval)]);
    await (watch === undefined ? untilAborted(rest) : watch.change(rest));
    if (!rest.aborted) await sleep(settleTime, undefined, { signal }).catch(() => undefined);
  }

  async #scan(): Promise<void> {
    const files = await this.#list();
    for (const known of this.#files.keys()) if (!files.includes(known)) this.#files.delete(known);
    for (const file of files) await this.#read(file);
    this.#components.store.replace([...this.#files.values()].flatMap(({ pods }) => pods));
  }

  /** Manifests in the order of their names; what editors leave beside them is none. */
  async #list(): Promise<readonly string[]> {
    const { path: root } = this.#init;
    try {
      if (!(await stat(root)).isDirectory()) return [root];
      const entries = await readdir(root, { withFileTypes: true });
      const manifests = entries.filter((entry) => !entry.isDirectory() && isManifest(entry.name));
      return manifests.map(({ name }) => path.join(root, name)).sort();
    } catch (error) {
      this.#components.log.warn(`Cannot read static pods: ${String(error)}`);
      return [...this.#files.keys()];
    }
  }

  async #read(file: string): Promise<void> {
    const before = this.#files.get(file);
    try {
      const { pods } = parseManifest(await readFile(file, 'utf8'), file);
      this.#files.set(file, { pods: pods.map((pod) => staticPod(pod, this.#init.nodeName)) });
    } catch (error) {
      const problem = error instanceof ManifestError ? error.message : `${file}: ${String(error)}`;
      if (problem !== before?.problem)
        this.#components.log.warn(`Cannot use static pods: ${problem}`);
      this.#files.set(file, { pods: before?.pods ?? [], problem });
    }
  }
}

const everyNoExecute = { operator: 'Exists', effect: 'NoExecute', value: '' } as const;

function isManifest(name: string): boolean {
  return /^[^.].*\.(ya?ml|json)$/.test(name);
}

/**
 * The pod as this node's own: its name tells the node, its uid what the manifest says, and no taint
 * ends it.
 */
function staticPod(pod: Pod, nodeName: string): Pod {
  const { metadata, spec } = withStableUid(pod, nodeName);
  return {
    ...pod,
    metadata: {
      ...metadata,
      name: `${metadata.name}-${nodeName}`,
      annotations: {
        ...metadata.annotations,
        [sourceAnnotation]: 'file',
        [hashAnnotation]: metadata.uid.replaceAll('-', ''),
      },
    },
    spec: { ...spec, nodeName, tolerations: [...spec.tolerations, everyNoExecute] },
  };
}
