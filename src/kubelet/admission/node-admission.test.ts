import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parsePod } from '../pods/parse-pod.ts';
import type { Pod } from '../pods/schema/pod.ts';
import { NodeAdmission } from './node-admission.ts';
import { podRequests } from './pod-requests.ts';

const pod = (uid: string, spec: object = {}, container: object = {}): Pod =>
  parsePod({
    metadata: { name: uid, uid },
    spec: { containers: [{ name: 'main', image: 'x', ...container }], ...spec },
  });

const admission = (taints: readonly { key: string; effect: 'NoSchedule' | 'NoExecute' }[] = []) =>
  new NodeAdmission({
    node: () => ({
      metadata: { name: 'wasm-1', labels: { zone: 'a', cores: '8' } },
      spec: { taints },
      status: { allocatable: { cpu: '2', memory: '1Gi', pods: '2' } },
    }),
    runtimeHandlers: ['', 'wasm'],
    handlerOf: async (name) => ({ wasm: 'wasm', gvisor: 'runsc' })[name],
  });

const reasonOf = async (subject: NodeAdmission, wanted: Pod): Promise<string> => {
  const decision = await subject.admit(wanted);
  return decision.kind === 'refused' ? decision.failure.reason : decision.kind;
};
const requests = (list: object) => ({ resources: { requests: list } });
const affinity = (matchExpressions: readonly object[]) => ({
  affinity: {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions }] },
    },
  },
});

describe('NodeAdmission', () => {
  const cases: readonly [string, Pod, string][] = [
    ['a pod that asks for nothing', pod('a'), 'admitted'],
    ['a RuntimeClass it can run', pod('a', { runtimeClassName: 'wasm' }), 'admitted'],
    [
      'a RuntimeClass of another runtime',
      pod('a', { runtimeClassName: 'gvisor' }),
      'UnexpectedAdmissionError',
    ],
    ['a selector of another node', pod('a', { nodeSelector: { zone: 'b' } }), 'NodeAffinity'],
    ['its own selector', pod('a', { nodeSelector: { zone: 'a' } }), 'admitted'],
    [
      'affinity to it',
      pod(
        'a',
        affinity([
          { key: 'zone', operator: 'In', values: ['a', 'b'] },
          { key: 'cores', operator: 'Gt', values: ['4'] },
          { key: 'gpu', operator: 'DoesNotExist' },
        ]),
      ),
      'admitted',
    ],
    [
      'affinity to others',
      pod('a', affinity([{ key: 'zone', operator: 'NotIn', values: ['a'] }])),
      'NodeAffinity',
    ],
    ['affinity to nothing', pod('a', affinity([])), 'NodeAffinity'],
    ['too much cpu', pod('a', {}, requests({ cpu: '2001m' })), 'OutOfcpu'],
    ['too much memory', pod('a', {}, requests({ memory: '2Gi' })), 'OutOfmemory'],
  ];
  for (const [name, wanted, expected] of cases) {
    it(`answers '${expected}' to ${name}`, async () => {
      assert.equal(await reasonOf(admission(), wanted), expected);
    });
  }

  it('counts what it has admitted until it is released', async () => {
    const subject = admission();
    const first = pod('a', {}, requests({ cpu: '1500m' }));
    assert.equal(await reasonOf(subject, first), 'admitted');
    assert.equal(await reasonOf(subject, first), 'admitted');
    const decision = await subject.admit(pod('b', {}, requests({ cpu: '1' })));
    assert.deepEqual(decision, {
      kind: 'refused',
      failure: {
        reason: 'OutOfcpu',
        message:
          "Node didn't have enough resource: cpu, requested: 1000, used: 1500, capacity: 2000",
      },
    });
    subject.release(first);
    assert.equal(await reasonOf(subject, pod('b', {}, requests({ cpu: '1' }))), 'admitted');
    assert.equal(await reasonOf(subject, pod('c')), 'admitted');
    assert.equal(await reasonOf(subject, pod('d')), 'OutOfpods');
  });

  it('keeps for pods of an earlier life what they need, oldest first', async () => {
    const subject = admission();
    const [older, newer] = [
      pod('older', {}, requests({ cpu: '1500m' })),
      pod('newer', {}, requests({ cpu: '1' })),
    ];
    for (const expected of [older, newer]) subject.expect(expected);
    assert.equal(await reasonOf(subject, pod('other')), 'OutOfpods');
    assert.equal(await reasonOf(subject, older), 'admitted');
    assert.equal(await reasonOf(subject, newer), 'OutOfcpu');
    subject.release(newer);
    assert.equal(await reasonOf(subject, pod('other')), 'admitted');
  });

  it('gives a port of the node to one pod only', async () => {
    const subject = admission();
    const ports = (hostIP: string, protocol = 'TCP') => ({
      ports: [{ containerPort: 80, hostPort: 8080, hostIP, protocol }],
    });
    assert.equal(await reasonOf(subject, pod('a', {}, ports('10.0.0.1'))), 'admitted');
    assert.equal(await reasonOf(subject, pod('b', {}, ports(''))), 'NodePorts');
    assert.equal(await reasonOf(subject, pod('c', {}, ports('10.0.0.2'))), 'admitted');
  });

  it('turns away who does not tolerate a taint that ends pods', async () => {
    const subject = admission([
      { key: 'arch', effect: 'NoExecute' },
      { key: 'other', effect: 'NoSchedule' },
    ]);
    assert.equal(await reasonOf(subject, pod('a')), 'TaintToleration');
    for (const toleration of [{ operator: 'Exists' }, { key: 'arch', effect: 'NoExecute' }]) {
      assert.equal(
        await reasonOf(
          admission([{ key: 'arch', effect: 'NoExecute' }]),
          pod('b', { tolerations: [toleration] }),
        ),
        'admitted',
      );
    }
  });

  it('waits for a RuntimeClass that is not there yet', async () => {
    await assert.rejects(admission().admit(pod('a', { runtimeClassName: 'none' })), {
      message: "Cannot start the pod: RuntimeClass 'none' not found",
    });
  });
});

describe('podRequests', () => {
  it('takes the larger of starting and running, sidecars counted in both, and the overhead', () => {
    const needs = (cpu: string) => ({ image: 'x', ...requests({ cpu }) });
    const { spec } = pod('a');
    const wanted = podRequests({
      ...pod('a'),
      spec: {
        ...spec,
        ...parsePod({
          metadata: { name: 'a' },
          spec: {
            initContainers: [
              { name: 'side', restartPolicy: 'Always', ...needs('100m') },
              { name: 'big', ...needs('2') },
            ],
            containers: [{ name: 'one', ...needs('1') }],
            overhead: { cpu: '10m' },
          },
        }).spec,
      },
    });
    assert.equal(wanted.get('cpu'), 2110);
  });
});
