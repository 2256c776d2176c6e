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
    files: [
      ...spec.mounts.map(mountRule),
      { path: path.dirname(spec.log.path), access: logDirectoryAccess },
      ...body.files,
    ],
    ...(body.tcp && { tcp: body.tcp }),
  };
}

function mountRule(mount: MountSpec): FileRule {
  const isDirectory = statSync(mount.hostPath).isDirectory();
  return { path: mount.hostPath, access: mountAccess({ isDirectory, readOnly: mount.readOnly }) };
}
