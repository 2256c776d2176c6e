import type { BuiltinCommand } from './builtin-command.ts';
import { parseCommandLine } from './command-line.ts';

/** `pwd`: prints the container's working directory. */
export const pwd: BuiltinCommand = (args, { files, io }) => {
  parseCommandLine(args, 'LP', 'pwd');
  io.print(`${files.workingDir}\n`);
  return 0;
};
