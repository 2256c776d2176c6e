import path from 'node:path';
import type { Descriptor } from '../../wasi/preview1/descriptor.ts';
import type { ContainerSpec } from '../container-spec.ts';
import { logDirectoryAccess, mountAccess } from '../sandbox/mount-access.ts';
import type { FileRule, SandboxPolicy } from '../sandbox/sandbox-policy.ts';
import type { OpenedBody } from './container-body.ts';

/** The sandbox of one container: its log and what its engine asks for, its mounts among that. */
export function containerPolicy(spec: ContainerSpec, body: OpenedBody): SandboxPolicy {
  return {
    mode: spec.sandbox,
    user: spec.user,
    files: [...logRules(spec), ...body.files],
    ...(body.tcp && { tcp: body.tcp }),
    ...(body.sockets && { sockets: true }),
    ...(body.threads && { threads: body.threads }),
  };
}

/** The log's directory; a program that runs beside a container has none. */
export function logRules({ exec, log }: ContainerSpec): FileRule[] {
  return exec ? [] : [{ path: path.dirname(log.path), access: logDirectoryAccess }];
}

/**
 * What the guest may do with a mount, by the descriptor through which it will. Looked up by its
 * path once more, the sandbox could be opened for something else than what was mounted.
 */
export function mountRule({ handle, onlyFile, readOnly }: Descriptor): FileRule {
  const access = mountAccess({ isDirectory: onlyFile === undefined, readOnly });
  return { directory: handle, name: onlyFile ?? '.', access };
}
