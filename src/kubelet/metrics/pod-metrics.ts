import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { Pod } from '../pods/schema/pod.ts';

/** Upper bounds in seconds: those of stock kubelets and, below them, what modules need. */
const startBuckets = [
  0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3, 4, 5, 10, 30, 60, 120, 300,
];

/** Counts pods by the states that they enter. */
export class PodMetrics {
  readonly #now: () => number;
  readonly #started: Counter;
  readonly #startDuration: Histogram;
  /** When pods that do not run yet were first seen, in milliseconds since the epoch. */
  readonly #seen = new Map<string, number>();

  constructor(components: {
    readonly registry: Registry;
    readonly now: () => number;
    readonly running: () => number;
  }) {
    const registers = [components.registry];
    this.#now = components.now;
    this.#started = new Counter({
      name: 'kubelet_started_pods_total',
      help: 'Cumulative number of pods started',
      registers,
    });
    this.#startDuration = new Histogram({
      name: 'kubelet_pod_start_duration_seconds',
      help: 'Duration in seconds from kubelet seeing a pod for the first time to the pod starting to run',
      buckets: startBuckets,
      registers,
    });
    new Gauge({
      name: 'kubelet_running_pods',
      help: 'Number of pods that have a running container',
      registers,
      collect() {
        this.set(components.running());
      },
    });
  }

  /** The pod entered a state of its life. */
  entered(state: string, { metadata: { uid } }: Pod): void {
    const seen = this.#seen.get(uid);
    if (state === 'Registered') {
      this.#seen.set(uid, this.#now());
    } else if (state === 'Running' && seen !== undefined) {
      this.#started.inc();
      this.#startDuration.observe((this.#now() - seen) / 1000);
      this.#seen.delete(uid);
    } else if (state === 'Terminated' || state === 'Failed') {
      this.#seen.delete(uid);
    }
  }
}
