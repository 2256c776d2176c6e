import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, describe, it } from 'node:test';
import { Manifest } from '../../../krator/states/manifest.ts';
import { systemClock } from '../../../kubernetes/clock.ts';
import {
  parsePersistentVolume,
  parsePersistentVolumeClaim,
  parsePod,
} from '../../pods/parse-pod.ts';
import { PodDirectories } from '../../pods/pod-directories.ts';
import { ManifestObjects } from '../../standalone/manifest-objects.ts';
import type { MountedVolume } from '../mounted-volume.ts';
import { PodVolumes } from '../pod-volumes.ts';
import { ClaimedVolumes } from './claimed-volumes.ts';

const root = mkdtempSync(path.join(os.tmpdir(), 'krustlet-claims-'));
const data = path.join(root, 'data');
mkdirSync(data);

const bound = {
  metadata: { name: 'claim', uid: 'claim-uid' },
  spec: { volumeName: 'pv' },
  status: { phase: 'Bound' },
};
const volume = (spec: object) => ({
  metadata: { name: 'pv' },
  spec: { claimRef: { uid: 'claim-uid' }, hostPath: { path: data }, ...spec },
});
const source = { persistentVolumeClaim: { claimName: 'claim' } };
const onNode = (...values: readonly string[]) => ({
  required: {
    nodeSelectorTerms: [
      { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values }] },
    ],
  },
});

/** Mounts a volume of a pod where the cluster has this claim, bound to this volume. */
async function mount(
  given: object,
  claim: object | undefined,
  persistent: object | undefined,
  status: object = {},
  securityContext: object = {},
): Promise<MountedVolume | undefined> {
  const volumesOfPod = [{ name: 'v', ...given }];
  const pod = parsePod({
    metadata: { name: 'p', uid: 'pod-uid' },
    spec: { containers: [{ name: 'c', image: 'i' }], volumes: volumesOfPod, securityContext },
    status,
  });
  const volumes = new PodVolumes({
    manifest: new Manifest(pod),
    directories: new PodDirectories(root, { memory: path.join(root, 'memory') }),
    objects: new ManifestObjects(),
    images: { directory: async () => root },
    node: { nodeName: 'n', hostIPs: [], allocatable: {} },
    clock: systemClock,
    claims: new ClaimedVolumes({
      reader: {
        claim: async () => claim && parsePersistentVolumeClaim(claim),
        volume: async () => persistent && parsePersistentVolume(persistent),
      },
      node: () => ({ name: 'n', labels: { 'kubernetes.io/hostname': 'n' } }),
    }),
  });
  await volumes.mount([]);
  return volumes.mounted.get('v');
}

describe('ClaimedVolumes', () => {
  after(() => rmSync(root, { recursive: true }));

  it('gives hostPath and local volumes', async () => {
    const writable = { path: data, readOnly: false };
    assert.deepEqual(await mount(source, bound, volume({})), writable);
    const local = { hostPath: null, local: { path: data }, nodeAffinity: onNode('m', 'n') };
    assert.deepEqual(await mount(source, bound, volume(local)), writable);
  });

  it('shares a local volume with the group of a pod, and with nobody else', async () => {
    chmodSync(data, 0o755);
    const local = { hostPath: null, local: { path: data }, nodeAffinity: onNode('n') };
    const fsGroup = process.getgid?.() ?? 0;
    await mount(source, bound, volume(local), {}, { fsGroup });
    assert.equal((statSync(data).mode & 0o7777).toString(8), '2775');
  });

  it('gives them only to read where the claim says so', async () => {
    const reading = { persistentVolumeClaim: { claimName: 'claim', readOnly: true } };
    assert.equal((await mount(reading, bound, volume({})))?.readOnly, true);
  });

  it('gives an ephemeral volume to the pod that it was made for', async () => {
    const ephemeral = { ephemeral: { volumeClaimTemplate: { spec: {} } } };
    const owner = { apiVersion: 'v1', kind: 'Pod', name: 'p', uid: 'pod-uid' };
    const owned = { ...bound, metadata: { ...bound.metadata, ownerReferences: [owner] } };
    assert.equal((await mount(ephemeral, owned, volume({})))?.path, data);
    await assert.rejects(mount(ephemeral, bound, volume({})), {
      message: /PVC default\/p-v: PVC was not created for pod p$/,
    });
  });

  it('leaves a claim that is being deleted to who had it before', async () => {
    const metadata = { ...bound.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' };
    const leaving = { ...bound, metadata };
    await assert.rejects(mount(source, leaving, volume({})), { message: /PVC is being deleted$/ });
    const status = {
      containerStatuses: [{ name: 'c', image: 'i', imageID: '', containerID: 'krustlet://1' }],
    };
    assert.equal((await mount(source, leaving, volume({}), status))?.path, data);
  });

  const refused: readonly [string, object | undefined, object | undefined, RegExp][] = [
    [
      'no claim',
      undefined,
      undefined,
      /PVC default\/claim: persistentvolumeclaim "claim" not found$/,
    ],
    [
      'a claim that is not bound',
      { ...bound, status: { phase: 'Pending' } },
      undefined,
      /not bound$/,
    ],
    ['no volume', bound, undefined, /persistentvolume "pv" not found$/],
    ['a volume of another claim', bound, volume({ claimRef: { uid: 'x' } }), /another claim/],
    ['a block device', bound, volume({ volumeMode: 'Block' }), /volumeMode Block: modules have no/],
    ['a volume of another node', bound, volume({ nodeAffinity: onNode('m') }), /no matching Node/],
    ['a kind that is not known', bound, volume({ hostPath: null }), /use csi, local or hostPath$/],
    ['no directory', bound, volume({ hostPath: { path: '/no/such' } }), /does not exist$/],
  ];
  for (const [what, claim, persistent, message] of refused) {
    it(`has the pod wait where there is ${what}`, async () => {
      await assert.rejects(mount(source, claim, persistent), { code: 'FailedMount', message });
    });
  }
});
