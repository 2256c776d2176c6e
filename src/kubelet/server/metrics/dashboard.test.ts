import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { dashboardQueries } from '../../../../tests/support/dashboard-queries.ts';
import { exampleStats } from '../../../../tests/support/example-stats.ts';
import { KubeletMetrics } from '../../metrics/kubelet-metrics.ts';
import { cadvisorMetrics } from './cadvisor-metrics.ts';
import { resourceMetrics } from './resource-metrics.ts';

/** A metric, where it is followed by its labels. */
const metric = /\b[a-z_:][a-z0-9_:]*(?=\{)/gi;

describe('deploy/grafana/node.json', async () => {
  const exported = await exportedMetrics();
  const queries = dashboardQueries();

  it('has queries', () => assert.ok(queries.length >= 10));

  for (const query of queries) {
    it(`asks for what a node exports: ${query}`, () => {
      const names = query.match(metric) ?? [];
      assert.ok(names.length > 0);
      for (const name of names) assert.ok(exported.has(name), `${name} is not exported`);
    });
  }
});

/** Names of the series of all endpoints. */
async function exportedMetrics(): Promise<ReadonlySet<string>> {
  const running = () => ({ pods: 0, containers: 0 });
  const { registry, probes } = new KubeletMetrics({ now: Date.now, running }, { nodeName: 'n' });
  const own = [registry, probes.registry].flatMap((each) => each.getMetricsAsArray());
  const measured = [...cadvisorMetrics(exampleStats), ...resourceMetrics(exampleStats)];
  return new Set([
    ...measured.map(({ name }) => name),
    ...own.flatMap(({ name, type }) =>
      String(type) === 'histogram'
        ? ['_bucket', '_sum', '_count'].map((suffix) => name + suffix)
        : [name],
    ),
  ]);
}
