import path from 'node:path';
import { fileType } from '../../wasi/system/file-status.ts';
import type { BuiltinCommand } from './builtin-command.ts';
import { usageError } from './builtin-error.ts';
import { parseCommandLine } from './command-line.ts';
import type { GuestFiles } from './guest-files.ts';

const usage = 'mkdir [-p] DIRECTORY...';

/** `mkdir [-p] DIRECTORY...`: makes directories; with `-p` also those above, and existing ones. */
export const mkdir: BuiltinCommand = (args, { files }) => {
  const { flags, operands } = parseCommandLine(args, 'p', usage);
  if (operands.length === 0) throw usageError(usage);
  for (const name of operands) {
    if (flags.has('p')) makeDirectories(files, name);
    else files.makeDirectory(name);
  }
  return 0;
};

/** Makes a directory and those above it, where they are missing. */
export function makeDirectories(files: GuestFiles, name: string): void {
  if (files.find(name, true)?.type === fileType.directory) return;
  const parent = path.posix.dirname(files.absolute(name));
  if (parent !== files.absolute(name)) makeDirectories(files, parent);
  files.makeDirectory(name);
}
