import type { BuiltinCommand } from './builtin-command.ts';
import { parseCommandLine } from './command-line.ts';

/** `env`: prints the container's environment, in the guest's order. */
export const env: BuiltinCommand = (args, context) => {
  parseCommandLine(args, '', 'env');
  context.io.print(context.env.map(({ name, value }) => `${name}=${value}\n`).join(''));
  return 0;
};
