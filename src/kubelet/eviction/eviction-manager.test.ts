import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { PodWorkbench } from '../../../tests/pods/pod-workbench.ts';
import { sh } from '../../../tests/pods/shell-container.ts';
import { Manifest } from '../../krator/states/manifest.ts';
import { systemClock } from '../../kubernetes/clock.ts';
import { HostPortConnections } from '../pods/host-port-connections.ts';
import { parsePod } from '../pods/parse-pod.ts';
import { PodContext } from '../pods/pod-context.ts';
import { PodDirectories } from '../pods/pod-directories.ts';
import { LocalPods } from '../standalone/local-pods.ts';
import { EvictionManager } from './eviction-manager.ts';
import { measureHeadrooms } from './eviction-signals.ts';
import { parseThresholds } from './eviction-thresholds.ts';

/** What is done until nothing is left to do, where so much is wanted of this machine. */
async function relieve(
  thresholds: Readonly<Record<string, string>>,
  pods: readonly PodContext[] = [],
): Promise<readonly string[]> {
  const directory = os.tmpdir();
  const done: string[] = [];
  const over = new AbortController();
  const measure = () => measureHeadrooms({ dataDirectory: directory, imagesDirectory: directory });
  const manager = new EvictionManager(
    {
      pods: () => {
        done.push('evict');
        return pods;
      },
      measure,
      reclaimDisk: async () => void done.push('reclaim'),
      onEvent: ({ type, reason, message }) => done.push(`${type} ${reason}: ${message}`),
      clock: { ...systemClock, sleep: async () => over.abort() },
      log: console,
    },
    { thresholds: parseThresholds(thresholds) },
  );
  await manager.run(over);
  return done;
}

const met = (resource: string) => `Warning EvictionThresholdMet: Attempting to reclaim ${resource}`;

describe('EvictionManager', () => {
  it('does nothing while there is enough', async () => {
    assert.deepEqual(await relieve({ 'memory.available': '1' }), []);
  });

  it('says what it frees before it evicts a pod', async () => {
    assert.deepEqual(await relieve({ 'memory.available': '100%' }), [met('memory'), 'evict']);
  });

  it('removes what is not needed of a disk first', async () => {
    const done = await relieve({ 'nodefs.available': '100%' });
    assert.deepEqual(done, [met('ephemeral-storage'), 'reclaim', 'evict']);
  });

  it('takes a pod that cannot be measured for the one that uses most', async () => {
    await using bench = await PodWorkbench.create();
    const contextOf = async (name: string, directories: PodDirectories) => {
      const components = {
        ...(await bench.components()),
        pods: new LocalPods(bench.store),
        directories,
      };
      const pod = parsePod({ metadata: { name, uid: name }, spec: { containers: [sh('true')] } });
      return new PodContext(components, new Manifest(pod), {
        found: [],
        hostPortConnections: await HostPortConnections.ofProcess(),
      });
    };
    const { directories } = bench;
    const measured = await contextOf('measured', directories);
    await mkdir(directories.ofPod({ uid: 'measured' }), { recursive: true });
    await writeFile(path.join(directories.ofPod({ uid: 'measured' }), 'file'), 'text');
    const nowhere = new PodDirectories('nowhere\0', { memory: directories.memory });
    const hidden = await contextOf('hidden', nowhere);
    await relieve({ 'nodefs.available': '100%' }, [measured, hidden]);
    assert.equal(hidden.failure?.reason, 'Evicted');
    assert.equal(measured.failure, undefined);
  });
});
