import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parsePod } from './parse-pod.ts';
import { unsupportedFeatures } from './unsupported-features.ts';

const minimal = { metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'i' }] } };

describe('parsePod', () => {
  it('lets fields pass that a newer API server may send', () => {
    const pod = parsePod({
      ...minimal,
      spec: { ...minimal.spec, fieldOfTheFuture: { a: 1 }, volumes: [{ name: 'v', newKind: {} }] },
    });
    assert.equal(pod.spec.volumes[0]?.name, 'v');
  });

  for (const uid of ['../../etc', 'a/b', '.', '..', '-', 'a\0', 'x'.repeat(129)]) {
    it(`refuses the uid ${JSON.stringify(uid.slice(0, 10))}, as files are named after it`, () => {
      assert.throws(
        () => parsePod({ ...minimal, metadata: { name: 'p', uid } }),
        /metadata\.uid: ".*" is not a uid: use /s,
      );
    });
  }

  it('takes the uids of API servers and of static pods', () => {
    for (const uid of [
      '',
      '0b2a6d4e-91f3-4c5b-9a57-0123456789ab',
      'd41d8cd98f00b204e9800998ecf84',
    ]) {
      assert.equal(parsePod({ ...minimal, metadata: { name: 'p', uid } }).metadata.uid, uid);
    }
  });

  it('keeps what a kubelet needs of the status', () => {
    const status = {
      phase: 'Running',
      startTime: '2026-01-01T00:00:00Z',
      containerStatuses: [
        { name: 'c', restartCount: 3, state: { running: { startedAt: null } }, lastState: {} },
      ],
    };
    const pod = parsePod({ ...minimal, status });
    assert.equal(pod.status.containerStatuses[0]?.restartCount, 3);
    assert.deepEqual(pod.status.containerStatuses[0]?.state, { running: {} });
  });
});

describe('unsupportedFeatures', () => {
  const container = (securityContext: object) => ({
    containers: [{ name: 'c', image: 'i', securityContext }],
  });
  const refused: readonly (readonly [string, object, string])[] = [
    ['privileged', container({ privileged: true }), 'UnexpectedAdmissionError'],
    [
      'capabilities',
      container({ capabilities: { add: ['NET_ADMIN'] } }),
      'UnexpectedAdmissionError',
    ],
    ['seccomp', container({ seccompProfile: { type: 'Localhost' } }), 'UnexpectedAdmissionError'],
    ['apparmor', container({ appArmorProfile: { type: 'Localhost' } }), 'AppArmor'],
    ['hostPID', { hostPID: true }, 'UnexpectedAdmissionError'],
    ['os', { os: { name: 'windows' } }, 'PodOSNotSupported'],
    ['sysctls', { securityContext: { sysctls: [{ name: 'a', value: 'b' }] } }, 'SysctlForbidden'],
  ];
  for (const [name, spec, reason] of refused) {
    it(`refuses ${name} with ${reason}`, () => {
      const pod = parsePod({ ...minimal, spec: { ...minimal.spec, ...spec } });
      const [failure, ...others] = unsupportedFeatures(pod);
      assert.equal(failure?.reason, reason);
      assert.match(failure?.message ?? '', /^spec\.\S+: .+: /);
      assert.deepEqual(others, []);
    });
  }

  it('accepts what it can honour', () => {
    const secure = container({
      privileged: false,
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      seccompProfile: { type: 'RuntimeDefault' },
    });
    const pod = parsePod({ ...minimal, spec: { ...minimal.spec, ...secure } });
    assert.deepEqual(unsupportedFeatures(pod), []);
  });
});
