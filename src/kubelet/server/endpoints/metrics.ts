import type { Registry } from 'prom-client';
import type { NodeStats } from '../../stats/node-stats.ts';
import type { StatsCollector } from '../../stats/stats-collector.ts';
import type { Handler, Route } from '../http/router.ts';
import { cadvisorMetrics } from '../metrics/cadvisor-metrics.ts';
import { expositionContentType, formatMetrics, type MetricFamily } from '../metrics/exposition.ts';
import { resourceMetrics } from '../metrics/resource-metrics.ts';
import { statsSummary } from '../metrics/stats-summary.ts';

/** `/metrics` and its parts, and `/stats/summary`. */
export function metrics(components: {
  readonly stats: StatsCollector;
  /** The kubelet's own metrics. */
  readonly registry: Registry;
  /** Results and durations of probes. */
  readonly probes: Registry;
}): Route[] {
  const { stats, registry, probes } = components;
  const get = (path: string, handle: Handler): Route => ({ path, methods: ['GET'], handle });
  return [
    get('/metrics', exposeRegistry(registry)),
    get('/metrics/probes', exposeRegistry(probes)),
    get(
      '/metrics/resource',
      exposeStats(() => stats.collect({ volumes: false, pressure: false }), resourceMetrics),
    ),
    get(
      '/metrics/cadvisor',
      exposeStats(() => stats.collect({ pressure: false }), cadvisorMetrics),
    ),
    get('/stats/summary', async ({ url }, response) => {
      const onlyCpuAndMemory = url.searchParams.get('only_cpu_and_memory') === 'true';
      const collected = await stats.collect({ volumes: !onlyCpuAndMemory });
      const summary = JSON.stringify(statsSummary(collected, { onlyCpuAndMemory }));
      response.writeHead(200, { 'content-type': 'application/json' }).end(summary);
    }),
  ];
}

function exposeRegistry(registry: Registry): Handler {
  return async (_request, response) => {
    const text = await registry.metrics();
    response.writeHead(200, { 'content-type': registry.contentType }).end(text);
  };
}

function exposeStats(
  collect: () => Promise<NodeStats>,
  families: (stats: NodeStats) => readonly MetricFamily[],
): Handler {
  return async (_request, response) => {
    const text = formatMetrics(families(await collect()));
    response.writeHead(200, { 'content-type': expositionContentType }).end(text);
  };
}
