import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { dashboardQueries } from '../../support/dashboard-queries.ts';
import { skipWithoutCluster } from '../test-cluster.ts';
import { servesWithClusterCertificate } from './ask-node.ts';
import { eventually } from './eventually.ts';
import { metricsPaths, Prometheus, type Sample } from './prometheus.ts';
import { waiting } from './server-guests.ts';
import { ServerWorkbench } from './server-workbench.ts';

/** How many samples Prometheus has refused, by why: a correct endpoint gives none of those. */
const refused = '{__name__=~"prometheus_target_scrapes_sample_.*", job="itself"}';

describe('Prometheus', { skip: skipWithoutCluster, timeout: 150_000 }, () => {
  let bench: ServerWorkbench;
  let prometheus: Prometheus;

  before(async () => {
    bench = await ServerWorkbench.start();
    await servesWithClusterCertificate(bench.node);
    await bench.run('first', [{ guest: waiting }]);
    prometheus = await Prometheus.start(bench.node);
    await until('up{job=~"/metrics.*"}', (samples) => samples.length === metricsPaths.length);
    const readinessProbe = { exec: { command: ['no-such-command'] }, periodSeconds: 1 };
    await bench.create('unready', [{ guest: waiting, readinessProbe }]);
    await bench.create('unstartable', [{ guest: '/no/such/module.wasm' }]);
  });
  after(async () => {
    await prometheus?.[Symbol.asyncDispose]();
    await bench?.[Symbol.asyncDispose]();
  });

  /** The query's answer once it is as wanted. */
  async function until(
    query: string,
    wanted: (samples: readonly Sample[]) => boolean,
  ): Promise<readonly Sample[]> {
    let samples: readonly Sample[] = [];
    await eventually(
      async () => {
        samples = await prometheus.query(query);
        return wanted(samples);
      },
      () => `${query}: ${JSON.stringify(samples)}\n${prometheus.log}\n${bench.node.log}`,
      30,
    );
    return samples;
  }

  for (const path of metricsPaths) {
    it(`scrapes ${path}, and takes every sample of it`, async () => {
      await until(`up{job="${path}"}`, ([up]) => up?.value === 1);
      await until(`scrape_samples_scraped{job="${path}"}`, ([count]) => (count?.value ?? 0) > 0);
    });
  }

  it('finds no sample twice, out of order or out of bounds', async () => {
    const counts = await until(refused, (samples) => samples.length >= 3);
    assert.deepEqual(new Set(counts.map(({ value }) => value)), new Set([0]));
  });

  for (const query of dashboardQueries()) {
    it(`answers the dashboard's ${query}`, async () => {
      const asked = query.replaceAll('$instance', '.*').replaceAll('$__rate_interval', '1m');
      await until(asked, (samples) => samples.some(({ value }) => Number.isFinite(value)));
    });
  }
});
