import { Counter, Gauge, Registry } from 'prom-client';
import type { Pod } from '../pods/schema/pod.ts';
import { ContainerMetrics } from './container-metrics.ts';
import { HttpMetrics } from './http-metrics.ts';
import { PodMetrics } from './pod-metrics.ts';
import { ProbeMetrics } from './probe-metrics.ts';
import { processMetrics } from './process-metrics.ts';
import { routeMetrics } from './route-metrics.ts';

export interface KubeletMetricsComponents {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** What runs at this moment; asked at every scrape. */
  readonly running: () => { readonly pods: number; readonly containers: number };
  /** What containers are told of; asked at every scrape. @default nothing */
  readonly routes?: () => { readonly services: boolean; readonly networkPolicies: boolean };
}

/**
 * What the kubelet counts of its own work: under the names of stock kubelets where they have one,
 * under `krustlet_` where not.
 *
 * @see https://kubernetes.io/docs/reference/instrumentation/metrics/
 */
export class KubeletMetrics {
  /** For `/metrics`. */
  readonly registry = new Registry();
  readonly pods: PodMetrics;
  readonly containers: ContainerMetrics;
  readonly probes = new ProbeMetrics();
  readonly http: HttpMetrics;
  readonly #startup: Gauge;
  readonly #droppedEvents: Counter;

  constructor(
    { now, running, routes }: KubeletMetricsComponents,
    init: { readonly nodeName: string },
  ) {
    const registers = [this.registry];
    this.pods = new PodMetrics({ registry: this.registry, now, running: () => running().pods });
    this.containers = new ContainerMetrics({
      registry: this.registry,
      running: () => running().containers,
    });
    this.http = new HttpMetrics({ registry: this.registry });
    new Gauge({
      name: 'kubelet_node_name',
      help: "The node's name. The count is always 1.",
      labelNames: ['node'],
      registers,
    }).set({ node: init.nodeName }, 1);
    this.#startup = new Gauge({
      name: 'kubelet_node_startup_duration_seconds',
      help: 'Duration in seconds of node startup in total.',
      registers,
    });
    this.#droppedEvents = new Counter({
      name: 'krustlet_dropped_events_total',
      help: 'Cumulative number of Events that were given up: too many waited, or the API server was away.',
      registers,
    });
    processMetrics(this.registry);
    if (routes) routeMetrics(this.registry, routes);
  }

  /** The pod entered a state of its life. */
  podEntered(state: string, pod: Pod): void {
    this.pods.entered(state, pod);
    if (state === 'Terminated') this.probes.forget(pod.metadata.uid);
  }

  /** The node is in its cluster. */
  nodeStarted(): void {
    this.#startup.set(process.uptime());
  }

  /** An Event was given up. */
  eventDropped(): void {
    this.#droppedEvents.inc();
  }
}
