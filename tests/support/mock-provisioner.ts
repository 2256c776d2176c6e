import { setTimeout } from 'node:timers/promises';
import {
  persistentVolumeClaims,
  persistentVolumes,
} from '../../src/kubelet/cluster/core-resources.ts';
import { parsePersistentVolume } from '../../src/kubelet/pods/parse-pod.ts';
import type { ApiClient } from '../../src/kubernetes/api/api-client.ts';
import { isApiError } from '../../src/kubernetes/api/api-error.ts';

/** Makes a PersistentVolume for each claim that waits for the driver, as a driver's controller does. */
export async function provisionMockVolumes(
  client: ApiClient,
  driver: string,
  storageClassName: string,
  { signal }: { readonly signal: AbortSignal },
): Promise<void> {
  while (!signal.aborted) {
    const { items } = await client.list(persistentVolumeClaims);
    for (const { metadata, spec, status } of items) {
      const wanted = metadata.annotations['volume.kubernetes.io/storage-provisioner'];
      if (wanted !== driver || status.phase === 'Bound' || spec.volumeName !== '') continue;
      await provision(client, driver, storageClassName, metadata);
    }
    await setTimeout(200, undefined, { signal }).catch(() => undefined);
  }
}

async function provision(
  client: ApiClient,
  driver: string,
  storageClassName: string,
  { name, namespace, uid }: { name: string; namespace: string; uid: string },
): Promise<void> {
  const volume = parsePersistentVolume({
    metadata: { name: `pvc-${uid}` },
    spec: {
      claimRef: { uid },
      accessModes: ['ReadWriteOnce'],
      csi: { driver, volumeHandle: `mock-${uid}` },
    },
  });
  const claimRef = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name, namespace, uid };
  const more = {
    claimRef,
    capacity: { storage: '1Mi' },
    storageClassName,
    persistentVolumeReclaimPolicy: 'Retain',
  };
  try {
    await client.create(persistentVolumes, { ...volume, spec: { ...volume.spec, ...more } });
  } catch (error) {
    if (!isApiError(error, 'AlreadyExists')) throw error;
  }
}
