import type { Command } from 'commander';
import type { Invocation } from '../cli/invocation.ts';
import type { LogsOptions } from '../containers/show-logs.ts';

export function addLogs(program: Command, invocation: Invocation): void {
  program
    .command('logs')
    .description("show a container's output, its stdout and stderr apart")
    .argument('<container>', 'name or id, as ps shows them')
    .option('-f, --follow', 'go on with what is written later, until the container ends')
    .option('-p, --previous', 'of the start before, where a pod restarted the container')
    .option('-n, --tail <lines>', 'only the last lines')
    .option('--since <time>', 'only what is newer: a time, or how long ago, such as 10m')
    .option('-t, --timestamps', 'put the time before each line')
    .action(async (container: string, options: LogsOptions) => {
      const { showLogs } = await import('../containers/show-logs.ts');
      await showLogs(invocation, container, options);
    });
}
