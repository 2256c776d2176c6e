import path from 'node:path';
import type { ContainerSpec } from './container-spec.ts';

type Given = 'id' | 'trustDomain' | 'modulePath' | 'log';

/**
 * The spec of a container that runs a module as this process's own user, in the whole sandbox, with
 * no files, input or limits, but for what is given.
 */
export function plainContainerSpec(
  given: Pick<ContainerSpec, Given> & Partial<ContainerSpec>,
): ContainerSpec {
  return {
    engine: 'v8',
    start: 'fork',
    args: [path.basename(given.modulePath, '.wasm')],
    env: [],
    workingDir: '/',
    mounts: [],
    listeners: [],
    stdin: 'closed',
    tty: false,
    user: { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0, groups: [] },
    limits: {},
    sandbox: 'required',
    labels: {},
    ...given,
  };
}
