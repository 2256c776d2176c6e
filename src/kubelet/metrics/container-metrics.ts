import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { ContainerConfig } from '../provider.ts';
import type { StartObserver } from './observed-provider.ts';

const startBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Counts containers as they are started, and those that run. */
export class ContainerMetrics implements StartObserver {
  readonly #started: Counter;
  readonly #errors: Counter<'code'>;
  readonly #duration: Histogram<'runtime_handler'>;

  constructor(components: { readonly registry: Registry; readonly running: () => number }) {
    const registers = [components.registry];
    this.#started = new Counter({
      name: 'kubelet_started_containers_total',
      help: 'Cumulative number of containers started',
      registers,
    });
    this.#errors = new Counter({
      name: 'kubelet_started_containers_errors_total',
      help: 'Cumulative number of errors when starting containers',
      labelNames: ['code'],
      registers,
    });
    this.#duration = new Histogram({
      name: 'krustlet_container_start_duration_seconds',
      help: "Duration in seconds until a container's process was there, by the runtime handler",
      labelNames: ['runtime_handler'],
      buckets: startBuckets,
      registers,
    });
    new Gauge({
      name: 'kubelet_running_containers',
      help: 'Number of containers currently running',
      labelNames: ['container_state'],
      registers,
      collect() {
        this.set({ container_state: 'running' }, components.running());
      },
    });
  }

  started({ runtimeHandler }: ContainerConfig, seconds: number): void {
    this.#started.inc();
    this.#duration.observe({ runtime_handler: runtimeHandler }, seconds);
  }

  /** A try to start a container failed, for a reason that Kubernetes shows. */
  failed(code: string): void {
    this.#errors.inc({ code });
  }
}
