import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { codeOf } from '../../oci/error-code.ts';
import type { PodDirectories } from '../pods/pod-directories.ts';

/**
 * Notes that a volume is made of an unpacked image: in the volume's directory, which goes with the pod
 * and not with the daemon. A pod that is mounted anew, as a tag has moved, may use two of them.
 *
 * @param name of the directory with the image's files
 */
export function noteUse(volume: string, name: string): void {
  mkdirSync(volume, { recursive: true });
  writeFileSync(path.join(volume, name), '');
}

/** Whether a pod that is not gone has noted that it uses the image. */
export async function isUsed(directories: PodDirectories, name: string): Promise<boolean> {
  for (const uid of await list(directories.pods)) {
    const volumes = directories.ofVolume({ uid }, 'kubernetes.io~image', '');
    for (const volume of await list(volumes)) {
      if (existsSync(path.join(volumes, volume, name))) return true;
    }
  }
  return false;
}

async function list(directory: string): Promise<readonly string[]> {
  return await readdir(directory).catch((error: unknown) => {
    const code = codeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw error;
  });
}
