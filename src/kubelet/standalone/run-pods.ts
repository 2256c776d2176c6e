import { Store } from '../../krator/cache/store.ts';
import { keyOf } from '../../kubernetes/api/object.ts';
import type { PodComponents } from '../pods/pod-components.ts';
import type { PodEvent } from '../pods/pod-ports.ts';
import { PodRunner } from '../pods/pod-runner.ts';
import type { Pod } from '../pods/schema/pod.ts';
import { isEnd } from '../pods/schema/pod-status.ts';
import { LocalPods } from './local-pods.ts';
import { podProblem } from './pod-problem.ts';

/** What pods of a manifest are run with; they are their own source. */
export type RunPodsComponents = Omit<PodComponents, 'pods'>;

export interface RunPodsOptions {
  /** Hears of every status that a pod has, with the pod. */
  readonly onStatus?: (pod: Pod) => void;
  /** Asks for all pods to be ended within their grace periods. */
  readonly stop?: AbortSignal;
  /** Ends the wait at once; containers that run go on. */
  readonly signal?: AbortSignal;
  /**
   * Whether a pod that cannot be started, as its image cannot be pulled or something that it
   * refers to is missing, ends the run. @default true
   */
  readonly stopOnProblem?: boolean;
}

/** How a pod of a manifest ended. */
export interface PodResult {
  /** The pod with its last status. */
  readonly pod: Pod;
  /** Why it could not run, in one line. */
  readonly problem?: string;
}

/**
 * Runs pods without a cluster: until all have ended, until asked to stop, or until one cannot be
 * started. When it resolves, nothing of them runs any more and their volumes are removed.
 */
export async function runPods(
  components: RunPodsComponents,
  pods: readonly Pod[],
  options: RunPodsOptions = {},
): Promise<readonly PodResult[]> {
  const run = new PodsRun(components, options);
  return await run.run(pods);
}

class PodsRun {
  readonly #components: RunPodsComponents;
  readonly #options: RunPodsOptions;
  readonly #store = new Store<Pod, string>();
  readonly #latest = new Map<string, Pod>();
  readonly #problems = new Map<string, string>();
  readonly #over = new AbortController();

  constructor(components: RunPodsComponents, options: RunPodsOptions) {
    this.#components = components;
    this.#options = options;
  }

  async run(pods: readonly Pod[]): Promise<readonly PodResult[]> {
    const { stop, signal } = this.#options;
    using _subscription = this.#store.subscribe(() => this.#endWhenEmpty());
    for (const pod of pods) this.#latest.set(keyOf(pod), pod);
    for (const pod of pods) this.#store.put(pod);
    this.#endWhenEmpty();
    const onStop = () => this.#stopAll();
    stop?.addEventListener('abort', onStop, { once: true });
    if (stop?.aborted) onStop();
    const end = AbortSignal.any([this.#over.signal, ...(signal ? [signal] : [])]);
    try {
      const client = new LocalPods(this.#store, (pod) => this.#heard(pod));
      const events = { record: (event: PodEvent) => this.#happened(event) };
      const components = { ...this.#components, store: this.#store, pods: client, events };
      await new PodRunner(components, { adopt: false }).run({ signal: end });
    } finally {
      stop?.removeEventListener('abort', onStop);
    }
    return [...this.#latest].map(([key, pod]) => {
      const problem = this.#problems.get(key);
      return problem === undefined ? { pod } : { pod, problem };
    });
  }

  #heard(pod: Pod): void {
    this.#latest.set(keyOf(pod), pod);
    this.#options.onStatus?.(pod);
    const problem = podProblem(pod);
    if (problem !== undefined) this.#report(pod, problem);
    if (isEnd(pod.status.phase)) this.#delete(pod);
  }

  /** A status does not say why volumes are not there; the event does. */
  #happened(event: PodEvent): void {
    this.#components.events.record(event);
    if (event.reason === 'FailedMount') this.#report(event.pod, event.message);
  }

  #report(pod: Pod, problem: string): void {
    const key = keyOf(pod);
    if (!this.#problems.has(key)) this.#problems.set(key, problem);
    if (this.#options.stopOnProblem !== false) this.#stopAll();
  }

  #stopAll(): void {
    for (const pod of this.#store.list()) this.#delete(pod);
  }

  /** As an API server does it: the pod stays until nothing of it runs any more. */
  #delete(pod: Pod): void {
    if (pod.metadata.deletionTimestamp !== undefined) return;
    const deletionTimestamp = new Date(this.#components.clock.now()).toISOString();
    const current = this.#store.get(keyOf(pod)) ?? pod;
    this.#store.put({ ...current, metadata: { ...current.metadata, deletionTimestamp } });
  }

  #endWhenEmpty(): void {
    if (this.#store.size === 0) this.#over.abort();
  }
}
