import type { Command } from 'commander';
import type { Invocation } from '../cli/invocation.ts';
import type { StopOptions } from '../containers/stop-containers.ts';

export function addStop(program: Command, invocation: Invocation): void {
  program
    .command('stop')
    .description('end containers: SIGTERM, and SIGKILL when the time is up')
    .argument('<container...>', 'names or ids, as ps shows them')
    .option('-t, --time <seconds>', 'how long a container may take to end', '10')
    .action(async (containers: string[], options: StopOptions) => {
      const { stopContainers } = await import('../containers/stop-containers.ts');
      await stopContainers(invocation, containers, options);
    });
}
