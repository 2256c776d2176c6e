import type { Command } from 'commander';
import type { CommonOptions, Invocation } from '../cli/invocation.ts';
import { type OutputFormat, outputOption } from '../output/output-format.ts';

export interface PsOptions extends CommonOptions {
  readonly all?: boolean;
  readonly quiet?: boolean;
  readonly output: OutputFormat;
}

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
