import type { Command } from 'commander';
import type { CommonOptions, Invocation } from '../cli/invocation.ts';

export function addRmi(program: Command, invocation: Invocation): void {
  program
    .command('rmi')
    .description('remove images from this machine')
    .argument('<reference...>', 'as images shows them')
    .action(async (references: string[], options: CommonOptions) => {
      const { removeImages } = await import('../images/remove-images.ts');
      await removeImages(invocation, references, options);
    });
}
