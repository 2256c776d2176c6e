import type { Command } from 'commander';
import { unknownCommand } from '../cli/unknown-command.ts';

/** Commander's own `help` answers an unknown command without saying so. */
export function addHelp(program: Command): void {
  program
    .command('help')
    .description('show all commands, or what one of them takes')
    .argument('[command]')
    .action((name: string | undefined) => {
      const command = name === undefined ? program : findCommand(program, name);
      command.outputHelp();
    });
}

function findCommand(program: Command, name: string): Command {
  const found = program.commands.find((command) => command.name() === name);
  if (found === undefined) throw unknownCommand(name, program);
  return found;
}
