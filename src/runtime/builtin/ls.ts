import { type FileStatus, fileType } from '../../wasi/system/file-status.ts';
import type { BuiltinCommand, BuiltinContext } from './builtin-command.ts';
import { parseCommandLine } from './command-line.ts';

const usage = 'ls [-1AadlR] [FILE...]';

/** `ls [-1AadlR] [FILE...]`: lists directories, one name a line; `-l` adds type, size and time. */
export const ls: BuiltinCommand = (args, context) => {
  const { flags, operands } = parseCommandLine(args, '1AadlR', usage);
  const names = operands.length === 0 ? ['.'] : operands;
  const statuses = names.map((name) => ({
    name,
    isDirectory: context.files.status(name, !flags.has('l')).type === fileType.directory,
  }));
  const asSuch = statuses.filter(({ isDirectory }) => !isDirectory || flags.has('d'));
  printEntries(
    asSuch.map(({ name }) => ({ label: name, name })),
    flags,
    context,
  );
  const directories = flags.has('d') ? [] : statuses.filter(({ isDirectory }) => isDirectory);
  const titled = names.length > 1 || flags.has('R');
  for (const { name } of directories) listDirectory(name, titled, flags, context);
  return 0;
};

interface Listed {
  readonly label: string;
  readonly name: string;
}

function listDirectory(
  directory: string,
  titled: boolean,
  flags: ReadonlySet<string>,
  context: BuiltinContext,
): void {
  if (titled) context.io.print(`${directory}:\n`);
  const hidden = flags.has('a') || flags.has('A');
  const names = context.files.list(directory).filter((name) => hidden || !name.startsWith('.'));
  const entries = names.map((label) => ({ label, name: `${directory}/${label}` }));
  printEntries([...(flags.has('a') ? selfAndParent(directory) : []), ...entries], flags, context);
  if (!flags.has('R')) return;
  for (const { name } of entries) {
    if (context.files.find(name, false)?.type !== fileType.directory) continue;
    context.io.print('\n');
    listDirectory(name, true, flags, context);
  }
}

function selfAndParent(directory: string): Listed[] {
  return ['.', '..'].map((label) => ({ label, name: `${directory}/${label}` }));
}

function printEntries(
  entries: readonly Listed[],
  flags: ReadonlySet<string>,
  { files, io }: BuiltinContext,
): void {
  const lines = entries.map(({ label, name }) => {
    if (!flags.has('l')) return `${label}\n`;
    const status = files.find(name, false);
    return status === undefined ? '' : longLine(label, status, () => files.readlink(name));
  });
  io.print(lines.join(''));
}

const letters: Readonly<Record<number, string>> = {
  [fileType.directory]: 'd',
  [fileType.regularFile]: '-',
  [fileType.symbolicLink]: 'l',
};

/** WASI knows no owners and permissions: there are none to show. */
function longLine(label: string, status: FileStatus, readlink: () => string): string {
  const letter = letters[status.type] ?? '?';
  const time = new Date(Number(status.modified / 1_000_000n)).toISOString().slice(0, 19);
  const target = status.type === fileType.symbolicLink ? ` -> ${readlink()}` : '';
  return `${letter} ${String(status.size).padStart(12)} ${time}Z ${label}${target}\n`;
}
