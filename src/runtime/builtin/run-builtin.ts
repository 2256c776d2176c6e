import path from 'node:path';
import type { BuiltinContext } from './builtin-command.ts';
import { builtinCommands } from './builtin-commands.ts';
import { BuiltinError } from './builtin-error.ts';
import { builtinNames } from './builtin-names.ts';

const notFound = 127;

/** Runs a built-in command, complaining on standard error as the system's own do. */
export function runBuiltin(command: readonly string[], context: BuiltinContext): number {
  const [first = '', ...args] = command;
  const name = builtinNames.find((builtin) => builtin === path.posix.basename(first));
  if (name === undefined) {
    context.io.complain(`${first}: not found\n`);
    return notFound;
  }
  try {
    return builtinCommands[name](args, context);
  } catch (error) {
    if (!(error instanceof BuiltinError)) throw error;
    context.io.complain(`${name}: ${error.message}\n`);
    return error.exitCode;
  }
}
