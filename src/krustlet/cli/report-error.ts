import { inspect } from 'node:util';
import { CommanderError } from 'commander';
import { printable } from '../output/printable.ts';
import { exitCodes } from './exit-codes.ts';
import type { Host } from './host.ts';
import { UserError } from './user-error.ts';

/**
 * Tells the user of an error in one line for each cause, with stack traces where `--debug` was
 * given, and returns the exit code.
 */
export function reportError(host: Host, error: unknown): number {
  if (error instanceof CommanderError) {
    // Commander has printed the message, or the help that was asked for.
    return error.exitCode === 0 ? exitCodes.ok : exitCodes.krustletFailed;
  }
  for (const line of explain(error)) host.stderr.write(`krustlet: ${printable(line)}\n`);
  if (host.args.includes('--debug')) host.stderr.write(`${inspect(error)}\n`);
  return error instanceof UserError ? error.exitCode : exitCodes.krustletFailed;
}

/** The error's message, with those of its causes that it does not repeat. */
function explain(error: unknown): string[] {
  if (!(error instanceof Error)) return [String(error)];
  const messages: string[] = [];
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    const { message } = cause;
    // What follows the first line of somebody else's message is a picture of the place.
    const [gist = ''] = message.split('\n', 1);
    const isSaid = messages.some((said) => said.includes(gist.replace(/[:.]$/, '')));
    if (!isSaid) messages.push(messages.length === 0 ? message : gist);
  }
  return messages.join(': ').split('\n');
}
