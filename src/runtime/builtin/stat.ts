import { type FileStatus, fileType } from '../../wasi/system/file-status.ts';
import type { BuiltinCommand } from './builtin-command.ts';
import { usageError } from './builtin-error.ts';

const usage = 'stat [-L] [-c FORMAT] FILE...';

/**
 * `stat [-L] [-c FORMAT] FILE...`: prints what is known of files. A format has `%n` name, `%s`
 * size, `%F` type, `%i` inode, `%h` links, and the seconds `%X` accessed, `%Y` modified, `%Z` changed.
 */
export const stat: BuiltinCommand = (args, { files, io }) => {
  const { follow, format, names } = parse(args);
  for (const name of names) {
    const status = files.status(name, follow);
    io.print(format === undefined ? describe(name, status) : `${fill(format, name, status)}\n`);
  }
  return 0;
};

function parse(args: readonly string[]) {
  const names: string[] = [];
  let follow = false;
  let format: string | undefined;
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index] ?? '';
    if (arg === '-L') follow = true;
    else if (arg === '-c') {
      index += 1;
      format = args[index];
      if (format === undefined) throw usageError(usage);
    } else if (arg.startsWith('-')) throw usageError(usage);
    else names.push(arg);
  }
  if (names.length === 0) throw usageError(usage);
  return { follow, format, names };
}

const typeNames: Readonly<Record<number, string>> = {
  [fileType.directory]: 'directory',
  [fileType.regularFile]: 'regular file',
  [fileType.symbolicLink]: 'symbolic link',
  [fileType.characterDevice]: 'character special file',
  [fileType.blockDevice]: 'block special file',
  [fileType.socketStream]: 'socket',
};

function typeName({ type }: FileStatus): string {
  return typeNames[type] ?? 'unknown';
}

function describe(name: string, status: FileStatus): string {
  const { size, inode, links, accessed, modified, changed } = status;
  return [
    `  File: ${name}`,
    `  Size: ${size}\tType: ${typeName(status)}`,
    ` Inode: ${inode}\tLinks: ${links}`,
    `Access: ${timestamp(accessed)}`,
    `Modify: ${timestamp(modified)}`,
    `Change: ${timestamp(changed)}`,
    '',
  ].join('\n');
}

function timestamp(nanoseconds: bigint): string {
  const seconds = new Date(Number(nanoseconds / 1_000_000_000n) * 1_000).toISOString();
  return seconds.replace('.000Z', `.${String(nanoseconds % 1_000_000_000n).padStart(9, '0')}Z`);
}

function fill(format: string, name: string, status: FileStatus): string {
  const seconds = (nanoseconds: bigint) => String(nanoseconds / 1_000_000_000n);
  const fields: Readonly<Record<string, () => string>> = {
    '%': () => '%',
    n: () => name,
    s: () => String(status.size),
    F: () => typeName(status),
    i: () => String(status.inode),
    h: () => String(status.links),
    X: () => seconds(status.accessed),
    Y: () => seconds(status.modified),
    Z: () => seconds(status.changed),
  };
  return format.replace(/%(.)/g, (directive, letter) => fields[letter]?.() ?? directive);
}
