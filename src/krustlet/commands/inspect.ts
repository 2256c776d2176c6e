import type { Command } from 'commander';
import type { CommonOptions, Invocation } from '../cli/invocation.ts';

export function addInspect(program: Command, invocation: Invocation): void {
  program
    .command('inspect')
    .description('show all about containers as JSON: what runs, its state, sandbox and usage')
    .argument('<container...>', 'names or ids, as ps shows them')
    .action(async (containers: string[], options: CommonOptions) => {
      const { inspectContainers } = await import('../containers/inspect-containers.ts');
      await inspectContainers(invocation, containers, options);
    });
}
