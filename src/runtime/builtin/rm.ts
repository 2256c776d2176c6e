import { errno } from '../../wasi/errno.ts';
import { fileType } from '../../wasi/system/file-status.ts';
import type { BuiltinCommand } from './builtin-command.ts';
import { fileError, usageError } from './builtin-error.ts';
import { parseCommandLine } from './command-line.ts';
import type { GuestFiles } from './guest-files.ts';

const usage = 'rm [-rRf] FILE...';

/** `rm [-rRf] FILE...`: removes files, with `-r` directories and all in them. */
export const rm: BuiltinCommand = (args, { files }) => {
  const { flags, operands } = parseCommandLine(args, 'rRf', usage);
  if (operands.length === 0 && !flags.has('f')) throw usageError(usage);
  const recursive = flags.has('r') || flags.has('R');
  for (const name of operands) {
    const status = files.find(name, false);
    if (status === undefined && flags.has('f')) continue;
    if (status === undefined) throw fileError(name, errno.noent);
    if (status.type !== fileType.directory) files.remove(name, 'file');
    else if (recursive) removeTree(files, name);
    else throw fileError(name, errno.isdir);
  }
  return 0;
};

function removeTree(files: GuestFiles, directory: string): void {
  for (const entry of files.list(directory)) {
    const name = `${directory}/${entry}`;
    if (files.status(name, false).type === fileType.directory) removeTree(files, name);
    else files.remove(name, 'file');
  }
  files.remove(directory, 'directory');
}
