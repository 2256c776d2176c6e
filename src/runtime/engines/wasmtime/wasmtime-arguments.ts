import type { ContainerSpec } from '../../container-spec.ts';
import type { ProgramMount } from './program-mounts.ts';

const pageBytes = 64 * 1024;

export interface WasmtimeDescriptors {
  /** Of the module. */
  readonly module: number;
  readonly mounts: readonly ProgramMount[];
}

/**
 * What `wasmtime` is told, from its command on. Files go by the path of a descriptor: its user
 * need not be able to walk to where they are.
 */
export function wasmtimeArguments(
  spec: Pick<ContainerSpec, 'args' | 'env' | 'limits' | 'workingDir'>,
  { module, mounts }: WasmtimeDescriptors,
): string[] {
  const [name = 'module', ...args] = spec.args;
  return [
    'run',
    '-Ccache=n',
    '-Omemory-init-cow=n', // it takes anonymous files, which could be executed
    ...memoryLimit(spec.limits),
    ...mounts.map(({ fd, guestPath }) => `--dir=${pathOf(fd)}::${guestPath}`),
    ...environment(spec).map(({ name, value }) => `--env=${name}=${value}`),
    `--argv0=${name}`,
    '--',
    pathOf(module),
    ...args,
  ];
}

function memoryLimit({ memoryBytes }: ContainerSpec['limits']): string[] {
  if (memoryBytes === undefined) return [];
  return [`-Wmax-memory-size=${Math.floor(memoryBytes / pageBytes) * pageBytes}`];
}

/** As the other engine does it: PWD tells where relative paths start from. */
function environment({ env, workingDir }: Pick<ContainerSpec, 'env' | 'workingDir'>) {
  if (workingDir === '/' || env.some(({ name }) => name === 'PWD')) return env;
  return [...env, { name: 'PWD', value: workingDir }];
}

function pathOf(fd: number): string {
  return `/proc/self/fd/${fd}`;
}
