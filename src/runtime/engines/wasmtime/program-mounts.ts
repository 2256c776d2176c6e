import { openSync } from 'node:fs';
import path from 'node:path';
import { openFlag } from '../../../wasi/libc/open-flags.ts';
import { NativeSystem } from '../../../wasi/native/native-system.ts';
import { openMount } from '../../../wasi/preview1/open-mount.ts';
import { workingDirectory } from '../../../wasi/preview1/working-directory.ts';
import { mountRule } from '../../container/container-policy.ts';
import type { ContainerSpec, MountSpec } from '../../container-spec.ts';
import type { FileRule } from '../../sandbox/sandbox-policy.ts';
import { stagedFolder } from './staged-files.ts';

export interface ProgramMounts {
  readonly folders: readonly ProgramMount[];
  /** What the sandbox must allow. */
  readonly rules: readonly FileRule[];
}

/** A folder that a program mounts by its descriptor. */
export interface ProgramMount {
  readonly fd: number;
  readonly guestPath: string;
}

/**
 * Opens what a container mounts, for a program that can mount folders only; single files must have
 * been staged. The folder that relative paths start from is mounted once more as `.`.
 *
 * @param inherit makes the copy of a descriptor that the program gets
 */
export function openProgramMounts(
  { mounts, workingDir }: Pick<ContainerSpec, 'mounts' | 'workingDir'>,
  directory: string,
  inherit: (fd: number) => number,
): ProgramMounts {
  const system = new NativeSystem();
  const opened = mounts.map((init) => ({ init, descriptor: openMount(system, init) }));
  const rules = opened.map(({ descriptor }) => mountRule(descriptor));
  const folders = opened.map(({ init, descriptor }) => {
    const { guestPath } = init;
    return descriptor.onlyFile === undefined
      ? { fd: inherit(descriptor.handle), guestPath }
      : { fd: inherit(openStaged(directory, init)), guestPath: path.posix.dirname(guestPath) };
  });
  const here = workingDir === '/' ? undefined : workingDirectory(system, workingDir, opened);
  return {
    folders: here ? [...folders, { fd: inherit(here.handle), guestPath: '.' }] : folders,
    rules,
  };
}

function openStaged(directory: string, mount: MountSpec): number {
  return openSync(stagedFolder(directory, mount), openFlag.path | openFlag.directory);
}
