import type { Command } from 'commander';
import { nearestName } from '../../kubelet/pods/nearest-name.ts';
import { UserError } from './user-error.ts';

/** What is said of a word that is no command: the nearest one. */
export function unknownCommand(word: string, { commands }: Command): UserError {
  const near = nearestName(
    word,
    commands.map((command) => command.name()),
  );
  const hint = near === undefined ? "see 'krustlet help'" : `did you mean '${near}'?`;
  return new UserError(`unknown command '${word}', ${hint}`);
}
