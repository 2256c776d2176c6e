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
  if (!made(root)) return undefined;
  const available = readFileSync(path.join(root, 'cgroup.controllers'), 'utf8').trim().split(' ');
  const controllers = wanted.filter((controller) => available.includes(controller));
  const enabled = controllers.map((controller) => `+${controller}`).join(' ');
  writeSetting(root, 'cgroup.subtree_control', enabled);
  return new CgroupV2Hierarchy(root, controllers);
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
    accessSync(directory, constants.W_OK);
    return true;
  } catch (error) {
    if (hasErrorCode(error, 'EACCES', 'EROFS', 'EPERM', 'ENOENT')) return false;
    throw error;
  }
}
