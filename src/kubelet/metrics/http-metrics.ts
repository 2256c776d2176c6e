import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** A request that was answered, or a stream that has ended. */
export interface ServedRequest {
  readonly method: string;
  /** First part of the path of the endpoint; what no endpoint has is `other`. */
  readonly endpoint: string;
  /** Whether it is a stream that lasts as long as its client wants. */
  readonly isLongRunning: boolean;
}

type Label = 'method' | 'path' | 'server_type' | 'long_running';

const methods: readonly string[] = ['GET', 'POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS', 'PATCH'];

/** Counts requests to the kubelet's API, with labels that no client can multiply. */
export class HttpMetrics {
  readonly #total: Counter<Label>;
  readonly #duration: Histogram<Label>;
  readonly #inflight: Gauge<Label>;

  constructor({ registry }: { readonly registry: Registry }) {
    const labelNames = ['method', 'path', 'server_type', 'long_running'] as const;
    const common = { labelNames, registers: [registry] };
    this.#total = new Counter({
      name: 'kubelet_http_requests_total',
      help: 'Number of the http requests received since the server started',
      ...common,
    });
    this.#duration = new Histogram({
      name: 'kubelet_http_requests_duration_seconds',
      help: 'Duration in seconds to serve http requests',
      ...common,
    });
    this.#inflight = new Gauge({
      name: 'kubelet_http_inflight_requests',
      help: 'Number of the inflight http requests',
      ...common,
    });
  }

  /** A request is being served; the answer is to be called once it is done. */
  begin({ method, endpoint, isLongRunning }: ServedRequest): () => void {
    const labels = {
      method: methods.includes(method) ? method : 'other',
      path: endpoint,
      server_type: 'readwrite',
      long_running: String(isLongRunning),
    };
    this.#total.inc(labels);
    this.#inflight.inc(labels);
    const endTimer = this.#duration.startTimer(labels);
    return () => {
      this.#inflight.dec(labels);
      endTimer();
    };
  }
}
