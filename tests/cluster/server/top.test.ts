import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { skipWithoutCluster } from '../test-cluster.ts';
import { eventually } from './eventually.ts';
import { MetricsServer } from './metrics-server.ts';
import { spinning, waiting } from './server-guests.ts';
import { ServerWorkbench } from './server-workbench.ts';

describe('kubectl top', { skip: skipWithoutCluster, timeout: 150_000 }, () => {
  let bench: ServerWorkbench;
  let metricsServer: MetricsServer;

  before(async () => {
    bench = await ServerWorkbench.start();
    metricsServer = await MetricsServer.start();
    await bench.run('idle', [{ guest: waiting }]);
    const limits = { cpu: '200m', memory: '64Mi' };
    await bench.run('busy', [
      { guest: spinning, resources: { limits } },
      { name: 'beside', guest: waiting },
    ]);
  });
  after(async () => {
    await metricsServer?.[Symbol.asyncDispose]();
    await bench?.[Symbol.asyncDispose]();
  });

  /** The table without its head, once it has so many rows: a sample takes two rounds. */
  async function top(rows: number, ...args: readonly string[]): Promise<string[][]> {
    let said = '';
    let table: string[][] = [];
    await eventually(
      async () => {
        const { stdout, stderr } = await bench.kubectl.run('top', ...args, '--no-headers');
        said = `${stdout}${stderr}\n${metricsServer.log}\n${bench.node.log}`;
        table = stdout
          .split('\n')
          .filter(Boolean)
          .map((line) => line.split(/\s+/));
        return table.length === rows;
      },
      () => said,
      90,
    );
    return table;
  }

  it('shows what pods use, as metrics-server has read it from the node', async () => {
    const pods = new Map((await top(2, 'pod')).map(([name = '', ...usage]) => [name, usage]));
    const [busy, busyMemory] = (pods.get('busy') ?? assert.fail()).map(Number.parseFloat);
    const [idle, idleMemory] = (pods.get('idle') ?? assert.fail()).map(Number.parseFloat);
    assert.ok(busy !== undefined && busy > 50 && busy < 400, `${busy} thousandths of a core`);
    assert.ok(idle !== undefined && idle < 20, `${idle} thousandths of a core`);
    assert.ok(busyMemory && idleMemory && busyMemory > idleMemory && busyMemory < 64);
  });

  it('shows what each container uses', async () => {
    const containers = await top(3, 'pod', '--containers');
    const names = containers.map(([pod, container]) => `${pod}/${container}`).sort();
    assert.deepEqual(names, ['busy/app', 'busy/beside', 'idle/app']);
  });

  it('shows what the node uses', async () => {
    const [[name, cpu, , memory] = []] = await top(1, 'node', bench.node.name);
    assert.equal(name, bench.node.name);
    assert.match(cpu ?? '', /^[1-9]\d*m$/);
    assert.match(memory ?? '', /^[1-9]\d*Mi$/);
  });
});
