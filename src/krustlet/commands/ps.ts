import type { Command } from 'commander';
import type { Invocation } from '../cli/invocation.ts';
import type { PsOptions } from '../containers/list-containers.ts';
import { outputOption } from '../output/output-format.ts';

export function addPs(program: Command, invocation: Invocation): void {
  program
    .command('ps')
    .description('list running containers')
    .option('-a, --all', 'also those that have ended')
    .option('-q, --quiet', 'only their ids')
    .addOption(outputOption())
    .action(async (options: PsOptions) => {
      const { listContainers } = await import('../containers/list-containers.ts');
      await listContainers(invocation, options);
    });
}
