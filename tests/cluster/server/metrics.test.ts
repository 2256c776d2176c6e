import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { skipWithoutCluster } from '../test-cluster.ts';
import { eventually } from './eventually.ts';
import { waiting } from './server-guests.ts';
import { ServerWorkbench } from './server-workbench.ts';

describe("the kubelet's metrics", { skip: skipWithoutCluster, timeout: 60_000 }, () => {
  let bench: ServerWorkbench;

  before(async () => {
    bench = await ServerWorkbench.start();
    const readinessProbe = { exec: { command: ['env'] }, periodSeconds: 1 };
    await bench.run('measured', [
      { guest: waiting, readinessProbe, resources: { limits: { cpu: '500m', memory: '64Mi' } } },
      { name: 'second', guest: waiting },
    ]);
    await bench.create('unstartable', [{ guest: '/no/such/module.wasm' }]);
  });
  after(() => bench[Symbol.asyncDispose]());

  /** Asks the node through the API server, as its own client. */
  const get = async (path: string): Promise<string> => {
    const raw = `/api/v1/nodes/${bench.node.name}/proxy${path}`;
    const { stdout, stderr } = await bench.kubectl.run('get', '--raw', raw);
    assert.ok(stdout, stderr);
    return stdout;
  };
  const has = async (path: string, samples: readonly RegExp[]): Promise<void> => {
    const text = await get(path);
    for (const sample of samples) assert.match(text, sample);
  };

  it('are what metrics-server reads of the node, its pods and containers', () =>
    has('/metrics/resource', [
      /^node_cpu_usage_seconds_total \d\S* \d{13}$/m,
      /^node_memory_working_set_bytes [1-9]\S* \d{13}$/m,
      /^container_cpu_usage_seconds_total\{container="app",namespace="[^"]+",pod="measured"\} \S+ \d{13}$/m,
      /^container_memory_working_set_bytes\{container="second",namespace="[^"]+",pod="measured"\} [1-9]\S* \d{13}$/m,
      /^pod_memory_working_set_bytes\{namespace="[^"]+",pod="measured"\} [1-9]/m,
      /^container_start_time_seconds\{container="app",namespace="[^"]+",pod="measured"\} [1-9]/m,
      /^resource_scrape_error 0$/m,
    ]));

  it('are named as dashboards expect', () =>
    has('/metrics/cadvisor', [
      /^container_memory_working_set_bytes\{container="app",.*pod="measured"\} [1-9]/m,
      /^container_spec_memory_limit_bytes\{container="app",.*\} 67108864/m,
      /^container_spec_cpu_quota\{container="app",.*\} 50000/m,
      /^machine_cpu_cores [1-9]/m,
    ]));

  it("tell of the kubelet's own work", () =>
    has('/metrics', [
      /^kubelet_node_name\{node="wasm-\w+"\} 1$/m,
      /^kubelet_running_pods 1$/m,
      /^kubelet_running_containers\{container_state="running"\} 2$/m,
      /^kubelet_started_pods_total 1$/m,
      /^kubelet_started_containers_total 2$/m,
      /^kubelet_started_containers_errors_total\{code="ErrImagePull"\} [1-9]/m,
      /^kubelet_pod_start_duration_seconds_count 1$/m,
      /^krustlet_container_start_duration_seconds_count\{runtime_handler=""\} 2$/m,
      /^kubelet_http_requests_total\{method="GET",path="metrics",server_type="readwrite",long_running="false"\} [1-9]/m,
      /^process_resident_memory_bytes [1-9]/m,
    ]));

  it('tell of probes, until the pod is gone', async () => {
    const probe =
      /^prober_probe_total\{probe_type="Readiness",container="app",pod="measured",.*result="successful"\} [1-9]/m;
    await has('/metrics/probes', [probe, /^prober_probe_duration_seconds_count\{/m]);
  });

  it('sum up what a pod uses', async () => {
    const { node, pods } = JSON.parse(await get('/stats/summary'));
    assert.equal(node.nodeName, bench.node.name);
    assert.ok(node.memory.workingSetBytes > 0 && node.fs.capacityBytes > 0);
    const [pod] = pods.filter(
      (each: { podRef: { name: string } }) => each.podRef.name === 'measured',
    );
    const names = pod.containers.map(({ name }: { name: string }) => name).sort();
    assert.deepEqual(names, ['app', 'second']);
    assert.ok(pod.memory.workingSetBytes > 0);
    const less = JSON.parse(await get('/stats/summary?only_cpu_and_memory=true'));
    assert.ok(less.node.memory.workingSetBytes > 0 && less.node.fs === undefined);
  });

  it('list the pods with their status', async () => {
    const { items } = JSON.parse(await get('/pods'));
    assert.ok(
      items.some(({ metadata }: { metadata: { name: string } }) => metadata.name === 'measured'),
    );
  });

  it('forget a pod that is gone', async () => {
    await bench.kubectl.run('delete', 'pod', 'measured');
    let text = '';
    await eventually(
      async () => {
        text = `${await get('/metrics/probes')}${await get('/metrics/resource')}`;
        return !text.includes('measured');
      },
      () => text,
    );
  });
});
