import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { NodeStats } from '../../stats/node-stats.ts';
import { cadvisorMetrics } from './cadvisor-metrics.ts';
import { formatMetrics } from './exposition.ts';
import { resourceMetrics } from './resource-metrics.ts';
import { statsSummary } from './stats-summary.ts';

const at = new Date('2026-11-23T00:00:00Z');
const filesystem = {
  capacityBytes: 100,
  availableBytes: 60,
  usedBytes: 40,
  inodes: 10,
  inodesFree: 7,
};

const stats: NodeStats = {
  at,
  nodeName: 'wasm-1',
  startedAt: new Date('2026-11-22T00:00:00Z'),
  cpu: { usedNanos: 5_000_000_000n, nanosPerSecond: 20_000_000, cores: 2 },
  memory: { totalBytes: 1000, availableBytes: 700, workingSetBytes: 300, rssBytes: 200 },
  nodeFilesystem: filesystem,
  imageFilesystem: filesystem,
  pods: [
    {
      namespace: 'default',
      name: 'hello',
      uid: 'u1',
      startedAt: at,
      volumes: [{ name: 'data', usedBytes: 7, inodes: 1, filesystem }],
      containers: [
        {
          name: 'app',
          id: 'c1',
          image: 'registry/"quoted"',
          startedAt: at,
          usage: {
            at,
            cpuNanos: 1_500_000_000n,
            memoryWorkingSetBytes: 64,
            memoryUsageBytes: 80,
            memoryRssBytes: 60,
            processes: 1,
          },
          cpuNanosPerSecond: 1234.6,
          logBytes: 5,
          memoryLimitBytes: undefined,
          cpuLimitMillis: 500,
        },
      ],
    },
  ],
};

describe('resourceMetrics', () => {
  const text = formatMetrics(resourceMetrics(stats));

  const lines = [
    '# TYPE container_cpu_usage_seconds_total counter',
    `container_cpu_usage_seconds_total{container="app",namespace="default",pod="hello"} 1.5 ${at.getTime()}`,
    `container_memory_working_set_bytes{container="app",namespace="default",pod="hello"} 64 ${at.getTime()}`,
    `pod_cpu_usage_seconds_total{namespace="default",pod="hello"} 1.5 ${at.getTime()}`,
    `node_cpu_usage_seconds_total 5 ${at.getTime()}`,
    `node_memory_working_set_bytes 300 ${at.getTime()}`,
    'resource_scrape_error 0',
  ];
  for (const line of lines) {
    it(`has ${line}`, () => assert.ok(text.split('\n').includes(line), text));
  }
});

describe('cadvisorMetrics', () => {
  const text = formatMetrics(cadvisorMetrics(stats));

  it('escapes labels', () => assert.match(text, /image="registry\/\\"quoted\\""/));
  it('tells limits where there are any', () => {
    assert.match(text, /^container_spec_cpu_quota\{.*\} 50000 /m);
    assert.match(text, /^container_spec_memory_limit_bytes\{.*\} 0 /m);
  });
});

describe('statsSummary', () => {
  it('adds up what a pod uses', () => {
    const { pods } = JSON.parse(JSON.stringify(statsSummary(stats)));
    assert.deepEqual(pods[0].podRef, { name: 'hello', namespace: 'default', uid: 'u1' });
    assert.equal(pods[0].cpu.usageNanoCores, 1235);
    assert.equal(pods[0].memory.workingSetBytes, 64);
    assert.equal(pods[0]['ephemeral-storage'].usedBytes, 12);
  });
});
