import type { ContainerConfig } from '../kubelet/provider.ts';

/**
 * The arguments of a module, args[0] included, by Kubernetes' rules for command and args over an
 * image's entrypoint and cmd. A module's image often has neither: args[0] is then the image's
 * name, and what the pod says are the arguments after it.
 */
export function argumentList({
  command,
  args,
  image,
}: Pick<ContainerConfig, 'command' | 'args' | 'image'>): readonly string[] {
  if (command !== undefined) return [...command, ...(args ?? [])];
  const [program = nameOf(image.reference), ...rest] = [...image.entrypoint, ...image.cmd];
  const entrypoint = image.entrypoint.length > 0 ? image.entrypoint : [program];
  const defaults = image.entrypoint.length > 0 ? image.cmd : rest;
  return [...entrypoint, ...(args ?? defaults)];
}

/** `app` of `registry/team/app:v1` and of `file:///srv/app.wasm`. */
function nameOf(reference: string): string {
  const last = reference.replace(/@.*$/, '').split('/').at(-1) ?? '';
  return last.replace(/:.*$/, '').replace(/\.wasm$/, '') || 'module';
}
