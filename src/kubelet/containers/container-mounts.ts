import { chmodSync, mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { PodContainer, VolumeMount } from '../pods/schema/container.ts';
import type { ContainerMount } from '../provider.ts';
import { enterBeneath } from '../volumes/enter-beneath.ts';
import type { MountedVolume } from '../volumes/mounted-volume.ts';
import { ConfigError } from './config-error.ts';
import { expandVariables } from './environment/expand-variables.ts';

/**
 * Resolves a container's volumeMounts to paths on this machine, and makes the directories that
 * sub-paths lack.
 *
 * @throws {ConfigError} where a subPathExpr names a variable that is not there
 * @throws {VolumeError} where a sub-path leads out of its volume
 */
export function containerMounts(
  container: PodContainer,
  volumes: ReadonlyMap<string, MountedVolume>,
  variables: ReadonlyMap<string, string>,
): Promise<readonly ContainerMount[]> {
  return Promise.all(
    container.volumeMounts.map(async (mount) => {
      const volume = volumes.get(mount.name);
      if (volume === undefined) throw new ConfigError(`volume "${mount.name}" is not mounted`);
      const subPath = path.posix.join(subPathOf(mount, variables));
      const hostPath = realpathSync.native(volume.path);
      if (subPath !== '.') await makeSubPath(hostPath, subPath);
      return {
        hostPath,
        ...(subPath === '.' ? {} : { subPath }),
        containerPath: path.posix.resolve('/', mount.mountPath),
        readOnly: mount.readOnly || volume.readOnly,
      };
    }),
  );
}

async function makeSubPath(volume: string, subPath: string): Promise<void> {
  await using _place = await enterBeneath(volume, subPath, { make: true });
}

/** Unlike in commands, a variable that is missing is an error here. */
function subPathOf(
  { subPath, subPathExpr }: VolumeMount,
  variables: ReadonlyMap<string, string>,
): string {
  if (subPathExpr === '') return subPath;
  const missing = [...subPathExpr.matchAll(/\$(\$|\(([^)]*)\))/g)].find(
    ([, escaped, name]) => escaped !== '$' && !variables.has(name ?? ''),
  );
  if (missing) throw new ConfigError(`subPathExpr "${subPathExpr}": "${missing[2]}" is not set`);
  const expanded = expandVariables(subPathExpr, variables);
  if (path.isAbsolute(expanded) || expanded.split('/').includes('..')) {
    throw new ConfigError(
      `subPathExpr "${subPathExpr}" gives "${expanded}", which leaves its volume`,
    );
  }
  return expanded;
}

/**
 * Makes the file for a container's last words and mounts it at its terminationMessagePath; where
 * that lies in a volume of the container, the file there is the one.
 *
 * @param file where to make it
 */
export function mountTerminationLog(
  { terminationMessagePath }: PodContainer,
  mounts: readonly ContainerMount[],
  file: string,
): readonly ContainerMount[] {
  const containerPath = path.posix.resolve('/', terminationMessagePath);
  if (mounts.some((mount) => isInside(mount.containerPath, containerPath))) return mounts;
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, '');
  chmodSync(file, 0o666);
  return [...mounts, { hostPath: file, containerPath, readOnly: false }];
}

/** Where a container's last words lie on this machine: in a mount, by a path in that, or it is it. */
export interface TerminationLog {
  readonly mount: string;
  readonly file: string;
}

/** Where a container leaves its last words; `undefined` where no mount holds that path. */
export function terminationLogOf(
  { terminationMessagePath }: PodContainer,
  mounts: readonly ContainerMount[],
): TerminationLog | undefined {
  const containerPath = path.posix.resolve('/', terminationMessagePath);
  const [mount] = mounts
    .filter((item) => isInside(item.containerPath, containerPath))
    .sort((a, b) => b.containerPath.length - a.containerPath.length);
  if (mount === undefined) return undefined;
  const relative = path.posix.relative(mount.containerPath, containerPath);
  return { mount: mount.hostPath, file: path.posix.join(mount.subPath ?? '', relative) };
}

function isInside(directory: string, file: string): boolean {
  return directory === '/' || file === directory || file.startsWith(`${directory}/`);
}
