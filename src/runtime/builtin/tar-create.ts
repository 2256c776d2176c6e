import { type FileStatus, fileType } from '../../wasi/system/file-status.ts';
import type { BuiltinContext } from './builtin-command.ts';
import { blockSize, encodeTarEntry, padding } from './tar-header.ts';

export interface TarCreateOptions {
  /** What names are relative to. */
  readonly directory: string;
  readonly verbose: boolean;
}

/** Writes an archive of files and directories, with all that is in them, to standard output. */
export function createTar(
  names: readonly string[],
  options: TarCreateOptions,
  context: BuiltinContext,
): void {
  for (const name of names) addTree(name, options, context);
  context.io.write(Buffer.alloc(2 * blockSize));
}

function addTree(name: string, options: TarCreateOptions, context: BuiltinContext): void {
  const { files, io } = context;
  const file = name.startsWith('/') ? name : `${files.absolute(options.directory)}/${name}`;
  const status = files.find(file, false);
  if (status === undefined) {
    files.status(name, false); // complains by the name that was given
    return;
  }
  if (options.verbose) io.complain(`${name}\n`);
  const member = { name: memberName(name), modified: secondsOf(status), size: 0, target: '' };
  switch (status.type) {
    case fileType.directory:
      io.write(encodeTarEntry({ ...member, name: `${member.name}/`, kind: 'directory' }));
      for (const entry of files.list(file)) addTree(`${name}/${entry}`, options, context);
      break;
    case fileType.symbolicLink:
      io.write(encodeTarEntry({ ...member, kind: 'symlink', target: files.readlink(file) }));
      break;
    case fileType.regularFile:
      io.write(encodeTarEntry({ ...member, kind: 'file', size: Number(status.size) }));
      addContent(file, Number(status.size), context);
      break;
    default:
      io.complain(`tar: ${name}: skipped, as it is neither a file, directory nor symlink\n`);
  }
}

/** As GNU tar: names are relative, and `.` is itself. */
function memberName(name: string): string {
  return name.replace(/^\/+/, '').replace(/\/+$/, '') || '.';
}

function secondsOf({ modified }: FileStatus): number {
  return Number(modified / 1_000_000_000n);
}

/** Exactly as many bytes as the header says, also where the file changes meanwhile. */
function addContent(file: string, size: number, { files, io }: BuiltinContext): void {
  const handle = files.openToRead(file);
  let left = size;
  while (left > 0) {
    const chunk = io.read(handle, file);
    if (chunk.length === 0) break;
    io.write(chunk.subarray(0, left));
    left -= Math.min(left, chunk.length);
  }
  io.close(handle);
  fill(left + padding(size), io);
}

function fill(length: number, io: BuiltinContext['io']): void {
  for (let left = length; left > 0; left -= blockSize)
    io.write(Buffer.alloc(Math.min(left, blockSize)));
}
