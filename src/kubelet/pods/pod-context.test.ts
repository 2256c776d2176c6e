import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { PodWorkbench } from '../../../tests/pods/pod-workbench.ts';
import { sh } from '../../../tests/pods/shell-container.ts';
import { Manifest } from '../../krator/states/manifest.ts';
import { LocalPods } from '../standalone/local-pods.ts';
import { HostPortConnections } from './host-port-connections.ts';
import { parsePod } from './parse-pod.ts';
import { PodContext } from './pod-context.ts';

describe('PodContext', () => {
  it('tells what fails beside the states, and ends nothing else', async () => {
    await using bench = await PodWorkbench.create();
    const components = { ...(await bench.components()), pods: new LocalPods(bench.store) };
    const pod = parsePod({ metadata: { name: 'p', uid: 'u' }, spec: { containers: [sh('true')] } });
    const context = new PodContext(components, new Manifest(pod), {
      found: [],
      hostPortConnections: await HostPortConnections.ofProcess(),
    });
    context.runBeside(Promise.reject(new Error('no disk')));
    await new Promise(setImmediate); // what nobody has caught by then ends the process
    await context.settled();
    const events = bench.events.map(({ type, reason, message }) => [type, reason, message]);
    assert.deepEqual(events, [['Warning', 'FailedSync', 'no disk']]);
  });
});
