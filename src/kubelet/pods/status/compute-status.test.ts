import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parsePod } from '../parse-pod.ts';
import type { Pod } from '../schema/pod.ts';
import { computeStatus } from './compute-status.ts';
import { unobserved } from './container-statuses.ts';
import type { ContainerObservation, PodObservation } from './observation.ts';

const earlier = '2026-01-01T00:00:00.000Z';
const now = '2026-01-01T00:01:00.000Z';

const running: Partial<ContainerObservation> = {
  state: { running: { startedAt: earlier } },
  started: true,
  ready: true,
};
const notStarted = { ...running, started: false };
const unready = { ...running, ready: false };
const waiting = (reason: string, exitCode?: number): Partial<ContainerObservation> => ({
  state: { waiting: { reason } },
  ...(exitCode === undefined ? {} : { lastState: { terminated: { exitCode } } }),
});
const ended = (exitCode: number): Partial<ContainerObservation> => ({
  state: { terminated: { exitCode } },
});

interface Case {
  readonly restartPolicy?: string;
  readonly init?: Readonly<Record<string, Partial<ContainerObservation>>>;
  readonly sidecars?: Readonly<Record<string, Partial<ContainerObservation>>>;
  readonly main: Readonly<Record<string, Partial<ContainerObservation>>>;
  readonly spec?: object;
  readonly isTerminal?: boolean;
  readonly isStarting?: boolean;
  readonly failure?: PodObservation['failure'];
  readonly status?: object;
}

function podOf({ restartPolicy = 'Always', init = {}, sidecars = {}, main, spec, status }: Case) {
  const container = (name: string) => ({ name, image: 'i' });
  return parsePod({
    metadata: { name: 'p', generation: 7 },
    spec: {
      restartPolicy,
      initContainers: [
        ...Object.keys(sidecars).map((name) => ({ ...container(name), restartPolicy: 'Always' })),
        ...Object.keys(init).map(container),
      ],
      containers: Object.keys(main).map(container),
      ...spec,
    },
    status,
  });
}

function observe(item: Case): PodObservation {
  const containers = { ...item.init, ...item.sidecars, ...item.main };
  return {
    startTime: earlier,
    hostIPs: ['10.0.0.1'],
    podIPs: ['127.64.0.2'],
    isReadyToStartContainers: true,
    isTerminal: item.isTerminal ?? false,
    isStarting: item.isStarting ?? false,
    ...(item.failure === undefined ? {} : { failure: item.failure }),
    containers: new Map(
      Object.entries(containers).map(([name, fields]) => [name, { ...unobserved, ...fields }]),
    ),
  };
}

function statusOf(item: Case, pod: Pod = podOf(item)) {
  return computeStatus(pod, observe(item), pod.status, now);
}

/** Conditions as `Type=Status(Reason)`, the ones every running pod has left out. */
function conditionsOf(item: Case): string {
  return statusOf(item)
    .conditions.filter(({ type }) => ['Initialized', 'Ready', 'ContainersReady'].includes(type))
    .map(({ type, status, reason }) => `${type}=${status}${reason ? `(${reason})` : ''}`)
    .join(' ');
}

describe('computeStatus', () => {
  const phases: readonly (readonly [string, Case, string])[] = [
    ['nothing has started', { main: { a: {} } }, 'Pending'],
    ['one of two has not started', { main: { a: running, b: {} } }, 'Pending'],
    ['an image cannot be pulled', { main: { a: running, b: waiting('ErrImagePull') } }, 'Pending'],
    ['all run', { main: { a: running, b: running } }, 'Running'],
    [
      'one ended, one runs',
      { restartPolicy: 'Never', main: { a: ended(1), b: running } },
      'Running',
    ],
    ['one backs off', { main: { a: waiting('CrashLoopBackOff', 1) } }, 'Running'],
    ['Always restarts a success', { main: { a: ended(0) } }, 'Running'],
    [
      'OnFailure keeps a success',
      { restartPolicy: 'OnFailure', main: { a: ended(0) } },
      'Succeeded',
    ],
    [
      'OnFailure restarts a failure',
      { restartPolicy: 'OnFailure', main: { a: ended(1) } },
      'Running',
    ],
    [
      'Never keeps a failure',
      { restartPolicy: 'Never', main: { a: ended(0), b: ended(1) } },
      'Failed',
    ],
    ['Never keeps a success', { restartPolicy: 'Never', main: { a: ended(0) } }, 'Succeeded'],
    ['an init container runs', { init: { i: running }, main: { a: {} } }, 'Pending'],
    ['an init container is done', { init: { i: ended(0) }, main: { a: {} } }, 'Pending'],
    ['an init container is tried again', { init: { i: ended(1) }, main: { a: {} } }, 'Pending'],
    [
      'an init container failed for good',
      { restartPolicy: 'Never', init: { i: ended(1) }, main: { a: {} } },
      'Failed',
    ],
    ['a sidecar has not started', { sidecars: { s: notStarted }, main: { a: {} } }, 'Pending'],
    [
      'a sidecar restarts under main',
      { sidecars: { s: notStarted }, main: { a: running } },
      'Running',
    ],
    [
      'main is done, a sidecar still runs',
      { restartPolicy: 'Never', sidecars: { s: running }, main: { a: ended(0) } },
      'Running',
    ],
    [
      'main and sidecar are done, the sidecar badly',
      { restartPolicy: 'Never', sidecars: { s: ended(137) }, main: { a: ended(0) } },
      'Succeeded',
    ],
    [
      'a deleted pod whose containers succeeded',
      { main: { a: ended(0) }, isTerminal: true },
      'Succeeded',
    ],
    [
      'a deleted pod whose containers were killed',
      { main: { a: ended(137) }, isTerminal: true },
      'Failed',
    ],
    ['a deleted pod that never ran', { main: { a: {} }, isTerminal: true }, 'Failed'],
    [
      'a deleted pod that still ends',
      { main: { a: running, b: ended(0) }, isTerminal: true },
      'Running',
    ],
    ['Failed stays', { main: { a: running }, status: { phase: 'Failed' } }, 'Failed'],
    ['Succeeded stays', { main: { a: {} }, status: { phase: 'Succeeded' } }, 'Succeeded'],
    ['not admitted', { main: { a: {} }, failure: { reason: 'OutOfcpu', message: 'm' } }, 'Failed'],
    [
      'past its deadline, still ending',
      { main: { a: running }, failure: { reason: 'DeadlineExceeded', message: 'm' } },
      'Running',
    ],
    [
      'a restart rule fits',
      {
        main: { a: ended(42) },
        spec: {
          restartPolicy: 'Never',
          containers: [
            {
              name: 'a',
              image: 'i',
              restartPolicyRules: [
                { action: 'Restart', exitCodes: { operator: 'In', values: [42] } },
              ],
            },
          ],
        },
      },
      'Running',
    ],
  ];
  for (const [name, item, phase] of phases) {
    it(`is ${phase}: ${name}`, () => assert.equal(statusOf(item).phase, phase));
  }

  const conditions: readonly (readonly [string, Case, string])[] = [
    [
      'creating',
      { main: { a: {} } },
      'Initialized=True Ready=False(ContainersNotReady) ContainersReady=False(ContainersNotReady)',
    ],
    ['running', { main: { a: running } }, 'Initialized=True Ready=True ContainersReady=True'],
    [
      'failing its readiness probe',
      { main: { a: unready } },
      'Initialized=True Ready=False(ContainersNotReady) ContainersReady=False(ContainersNotReady)',
    ],
    [
      'initializing',
      { init: { i: running }, main: { a: {} } },
      'Initialized=False(ContainersNotInitialized) Ready=False(ContainersNotReady) ContainersReady=False(ContainersNotReady)',
    ],
    [
      'done',
      { restartPolicy: 'Never', main: { a: ended(0) } },
      'Initialized=True(PodCompleted) Ready=False(PodCompleted) ContainersReady=False(PodCompleted)',
    ],
    [
      'failed',
      { restartPolicy: 'Never', main: { a: ended(1) } },
      'Initialized=True Ready=False(PodFailed) ContainersReady=False(PodFailed)',
    ],
    [
      'waiting for a readiness gate',
      { main: { a: running }, spec: { readinessGates: [{ conditionType: 'x/y' }] } },
      'Initialized=True Ready=False(ReadinessGatesNotReady) ContainersReady=True',
    ],
    [
      'past a readiness gate',
      {
        main: { a: running },
        spec: { readinessGates: [{ conditionType: 'x/y' }] },
        status: { conditions: [{ type: 'x/y', status: 'True' }] },
      },
      'Initialized=True Ready=True ContainersReady=True',
    ],
  ];
  for (const [name, item, expected] of conditions) {
    it(`has the conditions of a pod that is ${name}`, () =>
      assert.equal(conditionsOf(item), expected));
  }

  it('keeps transition times until a condition turns, and what others wrote', () => {
    const gate = { type: 'x/y', status: 'True', lastTransitionTime: earlier };
    const item: Case = { main: { a: running }, status: { conditions: [gate] } };
    const pod = podOf(item);
    const first = computeStatus(pod, observe(item), pod.status, earlier);
    const second = computeStatus(pod, observe({ ...item, main: { a: unready } }), first, now);
    const times = Object.fromEntries(
      second.conditions.map(({ type, lastTransitionTime }) => [type, lastTransitionTime]),
    );
    assert.deepEqual(times, {
      'x/y': earlier,
      PodReadyToStartContainers: earlier,
      Initialized: earlier,
      Ready: now,
      ContainersReady: now,
      PodScheduled: earlier,
    });
  });

  it('does not change when computed from itself', () => {
    const item: Case = { sidecars: { s: running }, init: { i: ended(0) }, main: { a: running } };
    const pod = podOf(item);
    const first = computeStatus(pod, observe(item), pod.status, earlier);
    assert.deepEqual(computeStatus({ ...pod, status: first }, observe(item), first, now), first);
  });

  it('names what it waits for as stock kubelets do', () => {
    const plain = statusOf({ main: { a: {} } }).containerStatuses[0]?.state;
    const withInit = statusOf({ init: { i: {} }, main: { a: {} } }).containerStatuses[0]?.state;
    assert.equal(plain?.waiting?.reason, 'ContainerCreating');
    assert.equal(withInit?.waiting?.reason, 'PodInitializing');
  });

  it('says why a pod failed, and for how long it knows', () => {
    const failure = { reason: 'Evicted', message: 'too big' };
    const status = statusOf({ main: { a: ended(137) }, failure, isTerminal: true });
    assert.deepEqual([status.reason, status.message], ['Evicted', 'too big']);
    assert.equal(status.observedGeneration, 7);
    assert.equal(status.podIP, '127.64.0.2');
    assert.equal(status.hostIP, '10.0.0.1');
  });

  it('says that a pod failed when what is being started has ended', () => {
    const failure = { reason: 'Evicted', message: 'too big' };
    const item = { main: { a: {} }, failure, isTerminal: true };
    assert.equal(statusOf({ ...item, isStarting: true }).phase, 'Pending');
    assert.equal(statusOf(item).phase, 'Failed');
  });

  it('says of a pod that the node ended for its own sake that it was disrupted', () => {
    const failure = { reason: 'Evicted', message: 'too big' };
    const disruption = (isDisruption: boolean) =>
      statusOf({
        main: { a: ended(137) },
        failure: { ...failure, isDisruption },
        isTerminal: true,
      }).conditions.find(({ type }) => type === 'DisruptionTarget');
    const { status, reason, message } = disruption(true) ?? {};
    assert.deepEqual([status, reason, message], ['True', 'TerminationByKubelet', 'too big']);
    assert.equal(disruption(false), undefined);
  });

  it('shows no containers of a pod that was refused, and those of one that ran', () => {
    const failure = { reason: 'OutOfcpu', message: 'too big' };
    const refused = statusOf({ init: { i: {} }, main: { a: {} }, failure, isTerminal: true });
    assert.deepEqual([refused.initContainerStatuses, refused.containerStatuses], [[], []]);
    const ran = statusOf({ init: { i: ended(1) }, main: { a: {} }, failure, isTerminal: true });
    assert.equal(ran.initContainerStatuses.length + ran.containerStatuses.length, 2);
  });

  it('gives the quality-of-service class', () => {
    const classOf = (resources: object) =>
      statusOf({ main: { a: {} }, spec: { containers: [{ name: 'a', image: 'i', resources }] } })
        .qosClass;
    assert.equal(classOf({}), 'BestEffort');
    assert.equal(classOf({ requests: { cpu: '1' } }), 'Burstable');
    assert.equal(classOf({ limits: { cpu: '1', memory: '1Gi' } }), 'Guaranteed');
    assert.equal(
      classOf({ limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '1000m', memory: '1Gi' } }),
      'Guaranteed',
    );
    assert.equal(
      classOf({ limits: { cpu: '1', memory: '1Gi' }, requests: { cpu: '1', memory: '1Mi' } }),
      'Burstable',
    );
  });
});
