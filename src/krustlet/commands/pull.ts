import type { Command } from 'commander';
import type { Invocation } from '../cli/invocation.ts';
import { addRegistryOptions, type RegistryOptions } from '../options/registry-options.ts';

export function addPull(program: Command, invocation: Invocation): void {
  const command = program
    .command('pull')
    .description('fetch an image from a registry')
    .argument('<reference>', 'such as ghcr.io/me/app:1 or app@sha256:…');
  addRegistryOptions(command).action(async (reference: string, options: RegistryOptions) => {
    const { pullImage } = await import('../images/pull-image.ts');
    await pullImage(invocation, reference, options);
  });
}
