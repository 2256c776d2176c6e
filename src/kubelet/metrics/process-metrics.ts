import { readdirSync } from 'node:fs';
import { Counter, Gauge, type Registry } from 'prom-client';

/**
 * The kubelet's own process, under Prometheus' standard names. Measured at each scrape and not in
 * between: what measures the event loop all the time keeps an idle node awake.
 *
 * @see https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics
 */
export function processMetrics(registry: Registry): void {
  const registers = [registry];
  new Counter({
    name: 'process_cpu_seconds_total',
    help: 'Total user and system CPU time spent in seconds.',
    registers,
    collect() {
      const { user, system } = process.cpuUsage();
      this.reset();
      this.inc((user + system) / 1e6);
    },
  });
  const gauges: readonly (readonly [name: string, help: string, measure: () => number])[] = [
    [
      'process_resident_memory_bytes',
      'Resident memory size in bytes.',
      () => process.memoryUsage.rss(),
    ],
    ['process_heap_bytes', 'Process heap size in bytes.', () => process.memoryUsage().heapTotal],
    [
      'process_start_time_seconds',
      'Start time of the process since unix epoch in seconds.',
      startTime,
    ],
    ['process_open_fds', 'Number of open file descriptors.', openDescriptors],
  ];
  for (const [name, help, measure] of gauges) {
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(measure());
      },
    });
  }
}

function startTime(): number {
  return performance.timeOrigin / 1000;
}

/** Where there is no /proc, nothing is known of them. */
function openDescriptors(): number {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return Number.NaN;
  }
}
