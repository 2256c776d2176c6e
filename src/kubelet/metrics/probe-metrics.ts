import { Counter, Histogram, Registry } from 'prom-client';
import type { ProbeRun } from '../probes/probe-scheduler.ts';

type Label = 'probe_type' | 'container' | 'pod' | 'namespace' | 'pod_uid';

/** Results and durations of probes, for `/metrics/probes`; those of a pod go with it. */
export class ProbeMetrics {
  readonly registry = new Registry();
  readonly #total: Counter<Label | 'result'>;
  readonly #duration: Histogram<Label>;
  readonly #labelsByPod = new Map<string, Map<string, Record<Label, string>>>();

  constructor() {
    const registers = [this.registry];
    const labelNames = ['probe_type', 'container', 'pod', 'namespace', 'pod_uid'] as const;
    this.#total = new Counter({
      name: 'prober_probe_total',
      help: 'Cumulative number of a liveness, readiness or startup probe for a container by result.',
      labelNames: [...labelNames, 'result'],
      registers,
    });
    this.#duration = new Histogram({
      name: 'prober_probe_duration_seconds',
      help: 'Duration in seconds for a probe response.',
      labelNames,
      registers,
    });
  }

  probed({ kind, pod, container, ok, seconds }: ProbeRun): void {
    const labels = {
      probe_type: kind,
      container,
      pod: pod.name,
      namespace: pod.namespace,
      pod_uid: pod.uid,
    };
    this.#remember(pod.uid, labels);
    this.#total.inc({ ...labels, result: ok ? 'successful' : 'failed' });
    this.#duration.observe(labels, seconds);
  }

  /** Forgets a pod that is gone: without that, each would be kept for ever. */
  forget(podUid: string): void {
    for (const labels of this.#labelsByPod.get(podUid)?.values() ?? []) {
      for (const result of ['successful', 'failed']) this.#total.remove({ ...labels, result });
      this.#duration.remove(labels);
    }
    this.#labelsByPod.delete(podUid);
  }

  #remember(podUid: string, labels: Record<Label, string>): void {
    const known = this.#labelsByPod.get(podUid) ?? new Map<string, Record<Label, string>>();
    known.set(`${labels.container}/${labels.probe_type}`, labels);
    this.#labelsByPod.set(podUid, known);
  }
}
