import { accessSync, constants, existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { hasErrorCode } from '../errors.ts';
import type { CgroupController, CgroupHierarchy } from './cgroup.ts';
import { writeSetting } from './cgroup-files.ts';
import { CgroupV1Hierarchy, type CgroupV1Roots } from './cgroup-v1.ts';
import { CgroupV2Hierarchy } from './cgroup-v2.ts';

const wanted = ['cpu', 'memory', 'pids'] as const;

/**
 * Finds where this process may make cgroups and makes a parent, `name`, for all containers.
 * `undefined` where no hierarchy can be written: limits then go by other means.
 *
 * @param mountPoint where cgroups are mounted, usually `/sys/fs/cgroup`
 */
export function findCgroups(mountPoint: string, name: string): CgroupHierarchy | undefined {
  return existsSync(path.join(mountPoint, 'cgroup.controllers'))
    ? unified(mountPoint, name)
    : legacy(mountPoint, name);
}

function unified(mountPoint: string, name: string): CgroupHierarchy | undefined {
  const root = path.join(mountPoint, name);
  if (!made(root) || !canMoveInto(mountPoint, root)) return undefined;
  handOn(mountPoint);
  return new CgroupV2Hierarchy(root, handOn(root));
}

/**
 * Whether processes can be moved from wherever they are into cgroups below `root`: for that, the
 * cgroup above both must be writable, and no cgroup on the way may have been made one of threads.
 */
function canMoveInto(mountPoint: string, root: string): boolean {
  return isWritable(path.join(mountPoint, 'cgroup.procs')) && typeOf(root) === 'domain';
}

/**
 * Gives a cgroup's children the controllers that we want, as far as it has them, and says which they
 * have. systemd hands on what its units ask for, which need not be all.
 */
function handOn(cgroup: string): readonly CgroupController[] {
  const has = readControllers(cgroup, 'cgroup.controllers');
  const given = readControllers(cgroup, 'cgroup.subtree_control');
  const missing = has.filter((controller) => !given.includes(controller));
  const added = isInner(cgroup) ? [] : missing.filter((name) => enabled(cgroup, name));
  return has.filter((controller) => given.includes(controller) || added.includes(controller));
}

/**
 * Whether the cgroup has processes and is not the root, as in a container's view of the hierarchy. It can
 * hand on the controllers of threads only, which would make cgroups below it unfit for processes.
 */
function isInner(cgroup: string): boolean {
  return (
    typeOf(cgroup) !== undefined &&
    readFileSync(path.join(cgroup, 'cgroup.procs'), 'utf8').trim() !== ''
  );
}

/** `undefined` for the root of all, which has no type. */
function typeOf(cgroup: string): string | undefined {
  const file = path.join(cgroup, 'cgroup.type');
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : undefined;
}

/** One at a time: the kernel takes all that are written at once, or none. */
function enabled(cgroup: string, controller: CgroupController): boolean {
  try {
    writeSetting(cgroup, 'cgroup.subtree_control', `+${controller}`);
    return true;
  } catch (error) {
    // EINVAL: the CPU controller where there are real-time processes.
    if (hasErrorCode(error, 'EBUSY', 'EINVAL', 'ENOTSUP', 'EACCES', 'EPERM', 'EROFS')) return false;
    throw error;
  }
}

function readControllers(cgroup: string, file: string): readonly CgroupController[] {
  const names = readFileSync(path.join(cgroup, file), 'utf8').trim().split(' ');
  return wanted.filter((controller) => names.includes(controller));
}

function legacy(mountPoint: string, name: string): CgroupHierarchy | undefined {
  const roots: Partial<Record<CgroupController | 'cpuacct', string>> = {};
  for (const controller of [...wanted, 'cpuacct'] as const) {
    const hierarchy = path.join(mountPoint, controller);
    const root = path.join(hierarchy, name);
    if (existsSync(path.join(hierarchy, 'cgroup.procs')) && made(root)) roots[controller] = root;
  }
  return Object.keys(roots).length > 0
    ? new CgroupV1Hierarchy(roots satisfies CgroupV1Roots)
    : undefined;
}

function made(directory: string): boolean {
  try {
    mkdirSync(directory, { recursive: true });
  } catch (error) {
    if (isRefusal(error)) return false;
    throw error;
  }
  return isWritable(directory);
}

function isWritable(file: string): boolean {
  try {
    accessSync(file, constants.W_OK);
    return true;
  } catch (error) {
    if (isRefusal(error)) return false;
    throw error;
  }
}

function isRefusal(error: unknown): boolean {
  return hasErrorCode(error, 'EACCES', 'EROFS', 'EPERM', 'ENOENT');
}
