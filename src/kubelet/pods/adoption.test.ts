import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { contractGuests } from '../../../tests/contracts/contract-guests.ts';
import { PodWorkbench } from '../../../tests/pods/pod-workbench.ts';
import { WasiLives } from '../../../tests/pods/wasi-lives.ts';
import { parsePod } from './parse-pod.ts';
import type { PodStatus } from './schema/pod-status.ts';

const isReady = ({ containerStatuses: [app] }: PodStatus) => app?.ready === true;

describe('PodRunner in a later life', () => {
  it('takes over what runs, starts nothing twice and ends what belongs to no pod', async () => {
    await using lives = new WasiLives();
    const module = (name: 'forever' | 'fails') =>
      lives.containers.module(name, contractGuests[name]);
    const container = (name: 'forever' | 'fails') => ({
      name: 'app',
      image: module(name),
      imagePullPolicy: 'IfNotPresent',
    });
    const first = await PodWorkbench.create({ provider: lives.begin() });
    const grace = { terminationGracePeriodSeconds: 1 };
    await first.add({ ...grace, containers: [container('forever')] });
    await first.add({ ...grace, containers: [container('forever')] }, { name: 'orphan' });
    await first.add({ restartPolicy: 'Never', containers: [container('fails')] }, { name: 'done' });
    const before = await first.until(isReady);
    await first.until(isReady, 'orphan');
    await first.until(({ phase }) => phase === 'Failed', 'done');

    const pods = first.store.list().filter(({ metadata }) => metadata.name !== 'orphan');
    const provider = lives.begin();
    await using second = await first.again({ provider }, pods);
    await second.eventually(
      () => second.states.includes('p:Running'),
      () => second.states,
    );
    const after = second.pod().status;
    assert.equal(after.containerStatuses[0]?.restartCount, 0);
    assert.deepEqual(after, before, 'nothing changed, and no condition changed and changed back');
    assert.deepEqual(
      second.statuses.filter(
        ({ phase, containerStatuses: [app] }) => phase === 'Running' && !app?.ready,
      ),
      [],
      'readiness never flips',
    );
    assert.ok(!second.states.includes('done:Admitted'), 'what ended does not run again');
    await second.eventually(
      async () => (await provider.list()).every(({ config }) => config.pod.name !== 'orphan'),
      () => 'the orphan is still there',
    );
    await second.delete(0);
    assert.equal(second.statuses.at(-1)?.containerStatuses[0]?.state.terminated?.exitCode, 137);
  });

  it('keeps the address of a container for its pod, whichever pod comes first', async () => {
    await using lives = new WasiLives();
    const image = lives.containers.module('forever', contractGuests.forever);
    const spec = {
      terminationGracePeriodSeconds: 0,
      containers: [{ name: 'app', image, imagePullPolicy: 'IfNotPresent' }],
    };
    const podCIDR = '127.64.0.0/30';
    const first = await PodWorkbench.create({ provider: lives.begin(), podCIDR });
    const old = await first.add(spec, { name: 'old' });
    const { podIP } = await first.until(isReady, 'old');
    const fresh = parsePod({ metadata: { name: 'new', uid: crypto.randomUUID() }, spec });
    // Its status is lost: what runs has to be enough.
    await using second = await first.again({ provider: lives.begin(), podCIDR }, [fresh, old]);
    const status = await second.until(isReady, 'old');
    assert.equal(status.podIP, podIP);
    await second.eventually(
      () => second.events.some(({ message }) => message.includes('all pod addresses')),
      () => second.events,
    );
    // Nor is it another pod's where the container's own is not known, or not yet.
    await using third = await second.again({ provider: lives.begin(), podCIDR }, [fresh]);
    await third.eventually(
      () => third.events.some(({ message }) => message.includes('all pod addresses')),
      () => third.events,
    );
  });

  it('leaves alone what a command runs beside it', async () => {
    await using lives = new WasiLives();
    const image = lives.containers.module('forever', contractGuests.forever);
    const command = lives.begin('command');
    await using bench = await PodWorkbench.create({ provider: command });
    const app = { name: 'app', image, imagePullPolicy: 'IfNotPresent' };
    await bench.add({ terminationGracePeriodSeconds: 1, containers: [app] });
    await bench.until(isReady);
    assert.equal((await command.list()).length, 1);
    assert.deepEqual(await lives.beside('node').list(), []);
    assert.equal((await command.list())[0]?.exit, undefined);
  });

  it('counts a container that was lost as failed, and starts it again where it should', async () => {
    await using lives = new WasiLives();
    const image = lives.containers.module('forever', contractGuests.forever);
    await using bench = await PodWorkbench.create({ provider: lives.begin() });
    const containerID = 'krustlet://gone';
    await bench.add(
      {
        terminationGracePeriodSeconds: 0,
        containers: [{ name: 'app', image, imagePullPolicy: 'IfNotPresent' }],
      },
      {},
      {
        phase: 'Running',
        containerStatuses: [{ name: 'app', restartCount: 2, state: { running: {} }, containerID }],
      },
    );
    const status = await bench.until(isReady);
    const [app] = status.containerStatuses;
    assert.equal(app?.restartCount, 3);
    assert.equal(app?.lastState.terminated?.reason, 'ContainerStatusUnknown');
  });
});
