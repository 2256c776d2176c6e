import { statSync } from 'node:fs';
import path from 'node:path';
import type { ContainerSpec, MountSpec } from '../container-spec.ts';
import { logDirectoryAccess, mountAccess } from '../sandbox/mount-access.ts';
import type { FileRule, SandboxPolicy } from '../sandbox/sandbox-policy.ts';
import type { OpenedBody } from './container-body.ts';

/** The sandbox of one container: its mounts, its log and what its engine asks for. */
export function containerPolicy(spec: ContainerSpec, body: OpenedBody): SandboxPolicy {
  return {
    mode: spec.sandbox,
    user: spec.user,
    files: [...containerFileRules(spec), ...body.files],
    ...(body.tcp && { tcp: body.tcp }),
  };
}

/** The files that every container may use, whatever its engine. */
export function containerFileRules(spec: ContainerSpec): FileRule[] {
  const mounts = spec.mounts.map(mountRule);
  if (spec.exec !== undefined) return mounts;
  return [...mounts, { path: path.dirname(spec.log.path), access: logDirectoryAccess }];
}

function mountRule(mount: MountSpec): FileRule {
  const isDirectory = statSync(mount.hostPath).isDirectory();
  return { path: mount.hostPath, access: mountAccess({ isDirectory, readOnly: mount.readOnly }) };
}
