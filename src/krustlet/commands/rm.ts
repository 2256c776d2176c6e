import type { Command } from 'commander';
import type { Invocation } from '../cli/invocation.ts';
import type { RmOptions } from '../containers/remove-containers.ts';

export function addRm(program: Command, invocation: Invocation): void {
  program
    .command('rm')
    .description('remove ended containers with their logs')
    .argument('<container...>', 'names or ids, as ps shows them')
    .option('-f, --force', 'end running ones first, at once')
    .action(async (containers: string[], options: RmOptions) => {
      const { removeContainers } = await import('../containers/remove-containers.ts');
      await removeContainers(invocation, containers, options);
    });
}
