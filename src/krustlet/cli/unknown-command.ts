import type { Command } from 'commander';
import { nearestName } from '../../kubelet/pods/nearest-name.ts';
import { UserError } from './user-error.ts';

/** What is said of a word that is no command: the nearest one, or where the options of one belong. */
export function unknownCommand(word: string, { commands }: Command): UserError {
  const names = commands.map((command) => command.name());
  if (names.includes(word)) {
    return new UserError(`the options of '${word}' come after its name: krustlet ${word} …`);
  }
  const near = nearestName(word, names);
  const hint = near === undefined ? "see 'krustlet help'" : `did you mean '${near}'?`;
  return new UserError(`unknown command '${word}', ${hint}`);
}
