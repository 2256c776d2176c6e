import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { PodWorkbench } from '../../../tests/pods/pod-workbench.ts';
import { sh } from '../../../tests/pods/shell-container.ts';
import { NodeAdmission } from '../admission/node-admission.ts';
import { ImageError } from '../images/image-error.ts';
import { parsePod } from './parse-pod.ts';
import type { PodStatus } from './schema/pod-status.ts';

const forever = 'exec sleep 60';
const never = { restartPolicy: 'Never' };
const isRunning = ({ phase }: PodStatus) => phase === 'Running';
const hasEnded = ({ phase }: PodStatus) => phase === 'Succeeded' || phase === 'Failed';
const main = ({ containerStatuses }: PodStatus) => containerStatuses[0];

/** Lines that containers of the pod wrote, in order. */
async function output(bench: PodWorkbench, container = 'app', attempt = 0): Promise<string> {
  const file = bench.directories.log(bench.pod().metadata, container, attempt);
  return (await readFile(file, 'utf8')).replaceAll(/^\S+ std\w+ F /gm, '').trim();
}

/** Resolves when the shell has said that its trap is set: it runs a little before that. */
async function untilTrapped(bench: PodWorkbench): Promise<void> {
  const file = bench.directories.log(bench.pod().metadata, 'app', 0);
  const isTrapped = async () => existsSync(file) && (await output(bench)).startsWith('trapped');
  await bench.eventually(isTrapped, () => bench.pod().status);
}

describe('PodRunner', () => {
  it('runs a pod through its states to its end', async () => {
    await using bench = await PodWorkbench.create();
    await bench.add({
      ...never,
      containers: [sh('echo "hello $WHO"', { env: [{ name: 'WHO', value: 'you' }] })],
    });
    const status = await bench.until(hasEnded);
    assert.equal(status.phase, 'Succeeded');
    assert.equal(main(status)?.state.terminated?.reason, 'Completed');
    assert.equal(await output(bench), 'hello you');
    assert.deepEqual(
      bench.states.map((state) => state.replace('p:', '')),
      [
        'Registered',
        'Admitted',
        'ImagePull',
        'VolumeMount',
        'Initializing',
        'Starting',
        'Running',
        'Completed',
      ],
    );
    assert.match(status.podIP ?? '', /^127\.64\./);
  });

  it('says Failed with the exit code, and leaves the container alone', async () => {
    await using bench = await PodWorkbench.create();
    await bench.add({ ...never, containers: [sh('exit 3')] });
    const status = await bench.until(hasEnded);
    assert.equal(status.phase, 'Failed');
    assert.equal(main(status)?.state.terminated?.exitCode, 3);
    assert.equal(main(status)?.restartCount, 0);
  });

  it('starts a container again, at once and then after a wait', async () => {
    await using bench = await PodWorkbench.create({ settings: { maxCrashBackoff: 300 } });
    await bench.add({ restartPolicy: 'OnFailure', containers: [sh('exit 1')] });
    const waiting = await bench.until(
      (status) => main(status)?.state.waiting?.reason === 'CrashLoopBackOff',
    );
    assert.equal(waiting.phase, 'Running');
    assert.equal(main(waiting)?.restartCount, 1);
    assert.equal(main(waiting)?.lastState.terminated?.exitCode, 1);
    assert.match(
      main(waiting)?.state.waiting?.message ?? '',
      /^back-off .* container=app pod=p_default/,
    );
    await bench.until((status) => (main(status)?.restartCount ?? 0) >= 2);
    const logs = await readdir(path.dirname(bench.directories.log(bench.pod().metadata, 'app', 0)));
    assert.ok(logs.length >= 2);
  });

  it('runs init containers one after the other and sidecars beside the rest', async () => {
    await using bench = await PodWorkbench.create();
    const volumeMounts = [{ name: 'v', mountPath: '/v' }];
    const init = (name: string, script: string, more = {}) =>
      sh(script, { name, volumeMounts, ...more });
    await bench.add({
      ...never,
      terminationGracePeriodSeconds: 1,
      initContainers: [
        init('one', 'sleep 0.1'),
        init('side', forever, { restartPolicy: 'Always' }),
        init('two', 'true'),
      ],
      containers: [sh('true')],
      volumes: [{ name: 'v', emptyDir: {} }],
    });
    const status = await bench.until(hasEnded);
    assert.equal(status.phase, 'Succeeded');
    const [one, side, two] = status.initContainerStatuses.map(({ state }) => state.terminated);
    assert.equal(one?.exitCode, 0);
    assert.equal(two?.exitCode, 0);
    assert.equal(side?.exitCode, 143);
    assert.ok((one?.finishedAt ?? '') <= (side?.startedAt ?? ''));
    assert.ok((main(status)?.state.terminated?.finishedAt ?? '') <= (side?.finishedAt ?? ''));
  });

  it('fails when an init container fails for good', async () => {
    await using bench = await PodWorkbench.create();
    await bench.add({
      ...never,
      initContainers: [sh('exit 2', { name: 'i' })],
      containers: [sh(forever)],
    });
    const status = await bench.until(hasEnded);
    assert.equal(status.phase, 'Failed');
    assert.equal(main(status)?.state.waiting?.reason, 'PodInitializing');
  });

  it('waits for a ConfigMap and starts when it comes', async () => {
    await using bench = await PodWorkbench.create();
    const env = [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'late', key: 'a' } } }];
    await bench.add({ ...never, containers: [sh('echo $A', { env })] });
    const waiting = await bench.until(
      (status) => main(status)?.state.waiting?.message !== undefined,
    );
    assert.deepEqual(main(waiting)?.state.waiting, {
      reason: 'CreateContainerConfigError',
      message: 'configmap "late" not found',
    });
    const { parseConfigMap } = await import('./parse-pod.ts');
    bench.objects.putConfigMap(parseConfigMap({ metadata: { name: 'late' }, data: { a: 'here' } }));
    await bench.until(hasEnded);
    assert.equal(await output(bench), 'here');
  });

  it('asks seldom for a Secret that is missing, however often it is told of it', async () => {
    await using bench = await PodWorkbench.create();
    const { objects } = bench;
    let reads = 0;
    Object.assign(objects, {
      secret: async () => {
        reads += 1;
        return undefined;
      },
      // As an API server's objects: who begins to listen is told when they are known.
      onChange: (_kind: string, _reference: object, listener: () => void) => {
        const told = setTimeout(listener, 5);
        return { [Symbol.dispose]: () => clearTimeout(told) };
      },
    });
    const volumes = [{ name: 'key', secret: { secretName: 'missing' } }];
    await bench.add({ ...never, volumes, containers: [sh('true')] });
    await sleep(1_000);
    assert.ok(reads >= 2 && reads <= 4, `${reads} reads`);
  });

  it('says why an image cannot be pulled and tries again', async () => {
    const image = async (reference: string) => {
      throw new ImageError('ErrImagePull', `no "${reference}"`);
    };
    await using bench = await PodWorkbench.create({ images: { image } });
    await bench.add({ ...never, containers: [sh('true')] });
    const status = await bench.until(
      (seen) => main(seen)?.state.waiting?.reason === 'ImagePullBackOff',
    );
    assert.ok(bench.statuses.some((seen) => main(seen)?.state.waiting?.reason === 'ErrImagePull'));
    assert.match(
      main(status)?.state.waiting?.message ?? '',
      /^Back-off pulling image "\/bin\/sh": ErrImagePull: no/,
    );
    assert.equal(status.phase, 'Pending');
  });

  it('kills a container that fails its liveness probe, and counts the restart', async () => {
    await using bench = await PodWorkbench.create();
    const livenessProbe = { tcpSocket: { port: 9 }, periodSeconds: 1, failureThreshold: 1 };
    await bench.add({
      terminationGracePeriodSeconds: 1,
      containers: [sh(forever, { livenessProbe })],
    });
    const status = await bench.until((seen) => (main(seen)?.restartCount ?? 0) > 0);
    assert.equal(main(status)?.lastState.terminated?.exitCode, 143);
    const reasons = bench.events.map(({ reason }) => reason);
    assert.ok(reasons.includes('Unhealthy') && reasons.includes('Killing'));
  });

  it('is ready when its readiness probe says so', async () => {
    await using bench = await PodWorkbench.create();
    const server = `require('http').createServer((q, a) => { a.statusCode = q.url === '/ok' ? 200 : 500; a.end() }).listen(8080, process.env.IP)`;
    const env = [{ name: 'IP', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } }];
    const command = [process.execPath, '-e', server];
    const probe = (httpPath: string) => ({
      httpGet: { path: httpPath, port: 'http' },
      periodSeconds: 1,
    });
    const ports = [{ name: 'http', containerPort: 8080 }];
    await bench.add({
      terminationGracePeriodSeconds: 1,
      containers: [
        sh('', { command, env, ports, startupProbe: probe('/ok'), readinessProbe: probe('/ok') }),
      ],
    });
    const status = await bench.until((seen) => main(seen)?.ready === true);
    assert.equal(status.conditions.find(({ type }) => type === 'Ready')?.status, 'True');
    assert.equal(main(status)?.started, true);
    assert.ok(bench.statuses.some((seen) => isRunning(seen) && main(seen)?.ready === false));
  });

  it('ends a pod that is past its deadline', async () => {
    await using bench = await PodWorkbench.create();
    await bench.add({
      activeDeadlineSeconds: 1,
      terminationGracePeriodSeconds: 1,
      containers: [sh(forever)],
    });
    const status = await bench.until(hasEnded);
    assert.deepEqual([status.phase, status.reason], ['Failed', 'DeadlineExceeded']);
    assert.equal(main(status)?.state.terminated?.exitCode, 143);
  });

  it('refuses what it cannot give, with a reason and the field', async () => {
    await using bench = await PodWorkbench.create();
    await bench.add({ hostPID: true, containers: [sh('true')] });
    const status = await bench.until(hasEnded);
    assert.equal(status.reason, 'UnexpectedAdmissionError');
    assert.match(status.message ?? '', /^Pod was rejected: spec\.hostPID: /);
    assert.equal(bench.events[0]?.type, 'Warning');
  });

  it('gives a pod that it took on in an earlier life what that had, before any new pod', async () => {
    const admission = new NodeAdmission({
      node: () => ({ metadata: { name: 'n' }, status: { allocatable: { pods: '1' } } }),
      runtimeHandlers: [''],
      handlerOf: async () => undefined,
    });
    await using bench = await PodWorkbench.create({ admission });
    const spec = { terminationGracePeriodSeconds: 0, containers: [sh(forever)] };
    const metadata = { name: 'new', uid: crypto.randomUUID() };
    bench.store.put(parsePod({ metadata, spec }));
    const podIPs = [{ ip: '127.64.1.2' }];
    await bench.add(spec, {}, { phase: 'Running', startTime: '2026-01-01T00:00:00Z', podIPs });
    const refused = await bench.until(hasEnded, 'new');
    assert.equal(refused.reason, 'OutOfpods');
    const status = await bench.until((seen) => main(seen)?.ready === true);
    assert.equal(status.podIP, '127.64.1.2');
  });

  it('has room for another pod as soon as it says that a deleted one has ended', async () => {
    const admission = new NodeAdmission({
      node: () => ({ metadata: { name: 'n' }, status: { allocatable: { pods: '1' } } }),
      runtimeHandlers: [''],
      handlerOf: async () => undefined,
    });
    await using bench = await PodWorkbench.create({ admission });
    const metadata = { name: 'next', uid: crypto.randomUUID() };
    const next = parsePod({ metadata, spec: { containers: [sh(forever)] } });
    const told = Promise.withResolvers<unknown>();
    // As a scheduler does that reads it: it counts nothing of a pod that has ended.
    using _subscription = bench.store.subscribe(() => {
      const status = bench.store.get('default/p')?.status;
      if (status && hasEnded(status)) told.resolve(admission.admit(next));
    });
    await bench.add({ terminationGracePeriodSeconds: 1, containers: [sh(forever)] });
    await bench.until(isRunning);
    await bench.delete();
    assert.deepEqual(await told.promise, { kind: 'admitted', runtimeHandler: '' });
  });

  it('never runs a pod again that has ended', async () => {
    await using bench = await PodWorkbench.create();
    await bench.add({ containers: [sh('true')] }, {}, { phase: 'Succeeded' });
    await bench.eventually(
      () => bench.states.includes('p:Completed'),
      () => bench.states,
    );
    assert.deepEqual(bench.states, ['p:Registered', 'p:Completed']);
  });

  it('ends containers within the grace period when a pod is deleted, and leaves nothing', async () => {
    await using bench = await PodWorkbench.create();
    const stubborn = `trap 'echo asked' TERM; echo trapped; while true; do sleep 0.05; done`;
    const preStop = { exec: { command: ['true'] } };
    const pod = await bench.add({
      terminationGracePeriodSeconds: 30,
      containers: [sh(stubborn), sh(forever, { name: 'other', lifecycle: { preStop } })],
    });
    await bench.until(isRunning);
    await untilTrapped(bench);
    const startedAt = Date.now();
    await bench.delete(1);
    assert.ok(Date.now() - startedAt >= 900);
    const last = bench.statuses.at(-1);
    assert.equal(last?.phase, 'Failed');
    assert.deepEqual(
      last?.containerStatuses.map(({ state }) => state.terminated?.exitCode),
      [137, 143],
    );
    assert.deepEqual(await readdir(bench.directories.pods), []);
    await assert.rejects(readdir(bench.directories.logsOfPod(pod.metadata)), { code: 'ENOENT' });
  });

  it('holds on to nothing of a pod that is gone', async () => {
    await using bench = await PodWorkbench.create();
    await bench.add({ containers: [sh(forever)] });
    await bench.until(isRunning);
    const listeners = () => getEventListeners(bench.signal, 'abort').length;
    const [rounds, before] = [5, listeners()];
    for (let round = 0; round < rounds; round += 1) {
      await bench.delete(0);
      await bench.add({ containers: [sh(forever)] });
      await bench.until(isRunning);
    }
    // A write that is still on its way may make one more or less.
    await bench.eventually(() => listeners() < before + rounds, listeners);
  });

  it('ends sooner when a pod is deleted again with a shorter grace period', async () => {
    await using bench = await PodWorkbench.create();
    const deaf = `trap '' TERM; echo trapped; while true; do sleep 0.05; done`;
    await bench.add({ containers: [sh(deaf)] });
    await bench.until(isRunning);
    await untilTrapped(bench);
    const slow = bench.delete(30);
    await bench.eventually(
      () => bench.states.includes('p:Terminating'),
      () => bench.states,
    );
    await bench.delete(0);
    await slow;
  });

  it('reads last words from the file and, where asked to, from the log', async () => {
    await using bench = await PodWorkbench.create();
    await bench.add({
      ...never,
      containers: [
        sh('echo one; echo two >&2; exit 1', { terminationMessagePolicy: 'FallbackToLogsOnError' }),
        sh('echo nothing', { name: 'quiet' }),
      ],
    });
    const status = await bench.until(hasEnded);
    const messages = status.containerStatuses.map(({ state }) => state.terminated?.message);
    assert.deepEqual(messages[0]?.split('\n').sort(), ['', 'one', 'two']);
    assert.equal(messages[1], undefined);
  });

  it('writes few statuses: one for a quick start, none without a change', async () => {
    await using bench = await PodWorkbench.create();
    await bench.add({ terminationGracePeriodSeconds: 0, containers: [sh(forever)] });
    await bench.until((status) => main(status)?.ready === true);
    await bench.eventually(
      () => bench.statuses.length > 0,
      () => bench.statuses,
    );
    assert.ok(bench.statuses.length <= 3, `${bench.statuses.length} statuses`);
  });
});
