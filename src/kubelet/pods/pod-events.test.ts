import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  PodWorkbench,
  type PodWorkbenchInit,
  unstartable,
} from '../../../tests/pods/pod-workbench.ts';
import { ImageError, type ImageErrorCode } from '../images/image-error.ts';
import type { PodStatus } from './schema/pod-status.ts';

const app = ({ containerStatuses }: PodStatus) => containerStatuses[0];
const hasEnded = ({ phase }: PodStatus) => phase === 'Succeeded' || phase === 'Failed';
const sh = (script: string, fields: object = {}) => ({
  containers: [{ name: 'app', image: '/bin/sh', command: ['/bin/sh', '-c', script], ...fields }],
});

/** What pods see of a registry that answers with this error. */
const failing = (code: ImageErrorCode): PodWorkbenchInit => ({
  images: {
    image: async () => {
      throw new ImageError(code, 'so it is');
    },
  },
});

async function told(init: PodWorkbenchInit, spec: object, until: (status: PodStatus) => boolean) {
  await using bench = await PodWorkbench.create(init);
  await bench.add({ restartPolicy: 'Never', ...spec });
  const status = await bench.until(until);
  const uid = bench.pod().metadata.uid;
  const events = bench.events.map(({ type, reason, message }) => `${type} ${reason}: ${message}`);
  return { status, events: events.map((line) => line.replaceAll(uid, 'UID')) };
}

/** The texts are those of kubelet v1.37, which people and alerts look for. */
describe('Events of pods', () => {
  it('tell how a container starts', async () => {
    const { events } = await told({}, sh('true'), hasEnded);
    const present =
      'Container image "/bin/sh" already present on machine and can be accessed by the pod';
    assert.deepEqual(events, [
      `Normal Pulled: ${present}`,
      'Normal Created: Container created',
      'Normal Started: Container started',
    ]);
  });

  it('tell of a pull, how long it took and how much there was', async () => {
    const image = {
      ...{ reference: '/bin/sh', digest: 'sha256:0', path: '/bin/sh', size: 4096 },
      ...{ entrypoint: [], cmd: [], env: [] },
    };
    const images: PodWorkbenchInit['images'] = {
      image: async (_reference, { onPull }) => {
        onPull?.();
        return image;
      },
    };
    const { events } = await told({ images }, sh('true'), hasEnded);
    assert.equal(events[0], 'Normal Pulling: Pulling image "/bin/sh"');
    assert.match(
      events[1] ?? '',
      /^Normal Pulled: Successfully pulled image "\/bin\/sh" in [\d.]+m?s \([\d.]+m?s including waiting\)\. Image size: 4096 bytes\.$/,
    );
  });

  const images: readonly (readonly [ImageErrorCode, string])[] = [
    ['ErrImagePull', 'Failed: Failed to pull image "/bin/sh": so it is'],
    ['InvalidImageName', 'InspectFailed: Failed to apply default image tag "/bin/sh": so it is'],
    [
      'ErrImageNeverPull',
      'ErrImageNeverPull: Container image "/bin/sh" is not present with pull policy of Never',
    ],
  ];
  for (const [code, message] of images) {
    it(`say why there is no image: ${code}`, async () => {
      const waits = (status: PodStatus) => app(status)?.state.waiting?.reason === code;
      const { events } = await told(failing(code), sh('true'), waits);
      assert.deepEqual(events, [`Warning ${message}`, `Warning Failed: Error: ${code}`]);
    });
  }

  it('tell of a crash loop', async () => {
    const isBackingOff = (status: PodStatus) =>
      app(status)?.state.waiting?.reason === 'CrashLoopBackOff';
    const { events } = await told({}, { ...sh('exit 3'), restartPolicy: 'Always' }, isBackingOff);
    const message = 'Back-off restarting failed container app in pod p_default(UID)';
    assert.ok(events.includes(`Warning BackOff: ${message}`), events.join('\n'));
  });

  it('tell that a deadline is over', async () => {
    const spec = { ...sh('exec sleep 60'), activeDeadlineSeconds: 1 };
    const { events } = await told({}, spec, hasEnded);
    const message = 'Pod was active on the node longer than the specified deadline';
    assert.ok(events.includes(`Normal DeadlineExceeded: ${message}`), events.join('\n'));
  });

  it('tell of a container that cannot start, which has failed where it may run once', async () => {
    const { status, events } = await told({ provider: unstartable() }, sh('true'), hasEnded);
    const { exitCode, reason, message } = app(status)?.state.terminated ?? {};
    assert.deepEqual(
      { exitCode, reason, message },
      {
        ...{ exitCode: 128, reason: 'StartError', message: 'no room' },
      },
    );
    assert.equal(status.phase, 'Failed');
    assert.equal(events.at(-1), 'Warning Failed: Error: no room');
  });

  it('tell of one that may be started again until it is', async () => {
    const spec = { ...sh('true'), restartPolicy: 'OnFailure' };
    const waits = (status: PodStatus) => app(status)?.state.waiting?.reason === 'RunContainerError';
    const { status } = await told({ provider: unstartable() }, spec, waits);
    assert.equal(status.phase, 'Pending');
  });
});
