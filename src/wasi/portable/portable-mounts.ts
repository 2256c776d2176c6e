import { statSync } from 'node:fs';
import path from 'node:path';
import { errno } from '../errno.ts';
import type { Mounts } from '../system/mounts.ts';
import type { Handle } from '../system/system.ts';
import { attemptNumber } from './attempt.ts';
import type { OpenHandles } from './open-handles.ts';

export class PortableMounts implements Mounts {
  readonly #handles: OpenHandles;

  constructor(handles: OpenHandles) {
    this.#handles = handles;
  }

  open(hostPath: string): Handle {
    return attemptNumber(() =>
      statSync(hostPath).isDirectory()
        ? this.#handles.addDirectory(path.resolve(hostPath))
        : -errno.notdir,
    );
  }
}
