import { realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import { builtinNames } from '../builtin/builtin-names.ts';
import type { ContainerSpec, ExecSpec } from '../container-spec.ts';
import { hasErrorCode, RuntimeError } from '../errors.ts';

export interface ExecProgram {
  readonly program: ExecSpec['program'];
  readonly modulePath: string;
}

/**
 * Finds what a command of `kubectl exec` means for a container without a shell: a built-in
 * command (`ls`, also as `/bin/ls`), the container's own module (by its args[0], or the name of
 * its file), or a module below one of its mounts (by its guest path).
 *
 * @throws {RuntimeError} `CommandNotFound`
 */
export function execProgram(spec: ContainerSpec, command: readonly string[]): ExecProgram {
  const [name = ''] = command;
  const { modulePath } = spec;
  const ownNames = [spec.args[0], spec.args[0] && path.posix.basename(spec.args[0])];
  if (ownNames.includes(name) || name === path.basename(modulePath)) {
    return { program: 'module', modulePath };
  }
  if (builtinNames.some((builtin) => builtin === builtinNameOf(name))) {
    return { program: 'builtin', modulePath };
  }
  const mounted = moduleInMounts(spec, path.posix.resolve(spec.workingDir, name));
  if (mounted !== undefined) return { program: 'mounted', modulePath: mounted };
  throw new RuntimeError(
    'CommandNotFound',
    `Cannot run '${name}': there is no such module in the container, and the built-in commands are ${builtinNames.join(', ')}`,
  );
}

function builtinNameOf(name: string): string {
  return /^(\/usr)?\/s?bin\//.test(name) ? path.posix.basename(name) : name;
}

/**
 * The host path of a file below a mount; links that lead out of the mount lead nowhere. The C library
 * follows them, no more than forty: a guest can have a path lead over thousands.
 */
function moduleInMounts(spec: ContainerSpec, guestPath: string): string | undefined {
  for (const mount of spec.mounts) {
    const relative = path.posix.relative(mount.guestPath, guestPath);
    if (relative === '..' || relative.startsWith('../')) continue;
    const file = fileBeneath(mount.hostPath, path.join(mount.subPath ?? '', relative));
    if (file !== undefined) return file;
  }
  return undefined;
}

function fileBeneath(root: string, relative: string): string | undefined {
  try {
    const realRoot = realpathSync.native(root);
    const file = realpathSync.native(path.join(realRoot, relative));
    const beneath = file === realRoot || file.startsWith(`${realRoot}${path.sep}`);
    return beneath && statSync(file).isFile() ? file : undefined;
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT', 'ENOTDIR', 'ELOOP', 'EACCES', 'ENAMETOOLONG'))
      return undefined;
    throw error;
  }
}
