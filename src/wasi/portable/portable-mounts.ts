import { statSync } from 'node:fs';
import path from 'node:path';
import { errno } from '../errno.ts';
import type { FilePlace, Mounts } from '../system/mounts.ts';
import type { Handle } from '../system/system.ts';
import { attemptNumber, errnoOfThrown } from './attempt.ts';
import { type BeneathPath, beneathPath } from './beneath-path.ts';
import type { OpenHandles } from './open-handles.ts';

/** Opens what is mounted, by its path on the host. */
export class PortableMounts implements Mounts {
  readonly #handles: OpenHandles;

  constructor(handles: OpenHandles) {
    this.#handles = handles;
  }

  open(hostPath: string, subPath = '.'): Handle {
    return attemptNumber(() => {
      if (!statSync(hostPath).isDirectory()) return -errno.notdir;
      const found = find(hostPath, subPath);
      if (typeof found === 'number') return found;
      return found.stats?.isDirectory() ? this.#handles.addDirectory(found.path) : -errno.notdir;
    });
  }

  openFile(hostPath: string, subPath: string): FilePlace | number {
    try {
      const found = find(hostPath, subPath);
      if (typeof found === 'number') return found;
      const directory = this.#handles.addDirectory(path.dirname(found.path));
      return { directory, name: path.basename(found.path) };
    } catch (error) {
      return -errnoOfThrown(error);
    }
  }
}

function find(hostPath: string, subPath: string): BeneathPath | number {
  const found = beneathPath(path.resolve(hostPath), subPath, true);
  return typeof found === 'object' && found.stats === undefined ? -errno.noent : found;
}
