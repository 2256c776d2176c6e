import { mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import * as v from 'valibot';
import { readIfThere, writeSecretFile } from '../node/credentials/secret-file.ts';

const content = v.object({
  driverName: v.string(),
  volumeHandle: v.string(),
  /** Where the volume is staged; empty where it is not. */
  stagingPath: v.string(),
  /** Whether the cluster attaches it to the node. */
  isAttached: v.boolean(),
  /** The life of the machine in which the pod got it; empty before it did. */
  bootId: v.string(),
});
/** What has to be known of a pod's volume to take it away again. */
export type CsiVolumeData = v.InferOutput<typeof content>;

/** The part of volumes' paths that says that a driver makes them. */
export const csiPlugin = 'kubernetes.io~csi';
const fileName = 'vol_data.json';

/** Where a pod's volume is mounted, in its directory. */
export function csiTarget(directory: string): string {
  return path.join(directory, 'mount');
}

/** Written before a driver is asked for anything, so that a later life can take it back. */
export async function writeVolumeData(directory: string, data: CsiVolumeData): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o750 });
  await writeSecretFile(path.join(directory, fileName), JSON.stringify(data));
}

/** What was written of the volume in this directory; `undefined` where nothing was. */
export async function readVolumeData(directory: string): Promise<CsiVolumeData | undefined> {
  const text = await readIfThere(path.join(directory, fileName));
  return text === undefined ? undefined : v.parse(content, JSON.parse(text));
}

/** The last step of taking a volume away: until then, a later life has to know of it. */
export async function removeVolumeData(directory: string): Promise<void> {
  await rm(path.join(directory, fileName), { force: true });
}

/** The directories of a pod's volumes that drivers made. */
export async function csiDirectories(podDirectory: string): Promise<readonly string[]> {
  const parent = path.join(podDirectory, 'volumes', csiPlugin);
  const names = await readdir(parent).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return names.map((name) => path.join(parent, name));
}
