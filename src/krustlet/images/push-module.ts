import { existsSync } from 'node:fs';
import { pushModule as push } from '../../oci/push/push-module.ts';
import { parseReference } from '../../oci/reference/parse-reference.ts';
import { formatReference } from '../../oci/reference/reference.ts';
import type { Invocation } from '../cli/invocation.ts';
import { UserError } from '../cli/user-error.ts';
import type { RegistryOptions } from '../options/registry-options.ts';
import { formatBytes } from '../output/format-bytes.ts';
import { RegistryAccess } from './registry-access.ts';

export interface PushOptions extends RegistryOptions {
  readonly format: 'cncf' | 'krustlet';
}

/** Puts a module into a registry and prints its name and digest there. */
export async function pushModule(
  invocation: Invocation,
  module: string,
  reference: string,
  options: PushOptions,
): Promise<void> {
  if (!existsSync(module)) {
    throw new UserError(`pushing '${module}' failed: there is no such file`);
  }
  await using access = new RegistryAccess(invocation.host.env, options);
  const pushed = await push(access.client, module, parseReference(reference), {
    format: options.format,
    credentials: access.credentials,
  });
  invocation.print(`${formatReference(pushed.reference)}\n${pushed.digest}\n`);
  if (options.quiet !== true) invocation.tell(`Pushed ${formatBytes(pushed.size)}`);
}
