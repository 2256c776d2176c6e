import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { exampleStats as stats } from '../../../../tests/support/example-stats.ts';
import { cadvisorMetrics } from './cadvisor-metrics.ts';
import { formatMetrics } from './exposition.ts';
import { resourceMetrics } from './resource-metrics.ts';
import { statsSummary } from './stats-summary.ts';

const { at } = stats;

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

  it('tells how the node and containers wait, where the kernel counts that', () => {
    const { node, pods } = JSON.parse(JSON.stringify(statsSummary(stats)));
    assert.deepEqual(node.cpu.psi, {
      full: { total: 0, avg10: 0, avg60: 0, avg300: 0 },
      some: { total: 13_398_000, avg10: 6.38, avg60: 12.63, avg300: 19.72 },
    });
    assert.deepEqual([node.memory.psi, node.io], [undefined, undefined]);
    const { cpu, io } = pods[0].containers[0];
    assert.equal(cpu.psi, undefined);
    assert.deepEqual(io.psi.full, { total: 10_000, avg10: 0.4, avg60: 0.2, avg300: 0.05 });
    assert.equal(io.psi.some.total, 20_000);
  });

  it('leaves out disks where only CPU and memory are asked for', () => {
    const { node, pods } = JSON.parse(
      JSON.stringify(statsSummary(stats, { onlyCpuAndMemory: true })),
    );
    assert.deepEqual(Object.keys(node), ['nodeName', 'startTime', 'cpu', 'memory']);
    const [{ containers, ...pod }] = pods;
    const all = ['podRef', 'startTime', 'cpu', 'memory', 'process_stats'];
    assert.deepEqual(Object.keys(pod), all);
    assert.deepEqual(Object.keys(containers[0]), ['name', 'startTime', 'cpu', 'memory']);
    assert.equal(pod.memory.workingSetBytes, 64);
  });
});
