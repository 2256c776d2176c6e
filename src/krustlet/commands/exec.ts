import type { Command } from 'commander';
import type { Invocation } from '../cli/invocation.ts';
import type { ExecOptions } from '../containers/exec-command.ts';

const examples = `
Modules have no shell. Beside the container's own module, with other arguments, these commands
are built in and see its files, environment and user: ls, cat, env, stat, pwd, mkdir, rm, tar, test.

Examples:
  krustlet exec journal ls -l /journal
  krustlet exec journal cat /journal/entries.txt`;

export function addExec(program: Command, invocation: Invocation): void {
  program
    .command('exec')
    .description('run a command beside a running container, in its files and sandbox')
    .argument('<container>', 'name or id, as ps shows them')
    .argument('<command...>', 'the command and its arguments')
    .option('-i, --interactive', 'pass on stdin')
    .option('-t, --tty', 'give it a terminal')
    .passThroughOptions()
    .addHelpText('after', examples)
    .action(async (container: string, command: string[], options: ExecOptions) => {
      const { execCommand } = await import('../containers/exec-command.ts');
      invocation.exitCode = await execCommand(invocation, container, command, options);
    });
}
