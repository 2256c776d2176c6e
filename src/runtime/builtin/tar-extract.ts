import path from 'node:path';
import { fileType } from '../../wasi/system/file-status.ts';
import type { BuiltinContext } from './builtin-command.ts';
import { BuiltinError } from './builtin-error.ts';
import { InputBlocks } from './input-blocks.ts';
import { makeDirectories } from './mkdir.ts';
import {
  blockSize,
  decodePaxRecords,
  decodeTarHeader,
  entryKind,
  padding,
  type TarEntry,
  type TarHeader,
} from './tar-header.ts';

export interface TarExtractOptions {
  /** Where entries go. */
  readonly directory: string;
  /** Whether files get the time of extraction in place of their own. */
  readonly touch: boolean;
  readonly verbose: boolean;
}

/** No name and no pax header is longer. */
const maxRecords = 1024 * 1024;

/** Extracts an archive from standard input. */
export function extractTar(options: TarExtractOptions, context: BuiltinContext): void {
  const input = new InputBlocks(context.io);
  let extra = new Map<string, string>();
  for (;;) {
    const block = input.take(blockSize);
    const header = block && decodeTarHeader(block);
    if (header === undefined) break;
    const described = describedBy(header, input);
    if (described !== undefined) {
      extra = new Map([...extra, ...described]);
      continue;
    }
    extract(entryOf(header, extra), input, options, context);
    extra = new Map();
  }
  input.drain();
}

/** What a header that is no entry itself says of the next one. */
function describedBy(
  { type, size }: TarHeader,
  input: InputBlocks,
): ReadonlyMap<string, string> | undefined {
  if (!'xgLK'.includes(type)) return undefined;
  if (size > maxRecords) throw new BuiltinError('Cannot read the archive: a header is too long');
  const content = input.take(size + padding(size))?.subarray(0, size);
  if (content === undefined) throw new BuiltinError('Unexpected end of the archive');
  switch (type) {
    case 'x':
      return decodePaxRecords(content);
    case 'L':
      return new Map([['path', untilNul(content)]]);
    case 'K':
      return new Map([['linkpath', untilNul(content)]]);
    default:
      return new Map();
  }
}

function untilNul(content: Buffer): string {
  return content.toString('utf8').replace(/\0.*$/s, '');
}

function entryOf(header: TarHeader, extra: ReadonlyMap<string, string>): TarEntry {
  return {
    name: extra.get('path') ?? header.name,
    kind: entryKind(header.type),
    size: Number(extra.get('size') ?? header.size),
    modified: Math.floor(Number(extra.get('mtime') ?? header.modified)),
    target: extra.get('linkpath') ?? header.target,
  };
}

function extract(
  entry: TarEntry,
  input: InputBlocks,
  options: TarExtractOptions,
  context: BuiltinContext,
): void {
  const { files, io } = context;
  const name = path.posix.join(files.absolute(options.directory), safeName(entry.name));
  if (options.verbose) io.print(`${entry.name}\n`);
  if (entry.kind !== 'directory') makeDirectories(files, path.posix.dirname(name));
  switch (entry.kind) {
    case 'directory':
      makeDirectories(files, name);
      break;
    case 'file':
      extractFile(name, entry, input, options, context);
      return;
    case 'symlink':
      replace(name, context);
      files.symlink(entry.target, name);
      break;
    case 'link':
    case 'other':
      io.complain(`tar: ${entry.name}: skipped, as it is neither a file, directory nor symlink\n`);
      break;
    default:
      entry.kind satisfies never;
  }
  input.pass(entry.size + padding(entry.size), () => {});
}

/** No entry leaves the directory; the resolver would refuse it too, this says why. */
function safeName(name: string): string {
  if (name.split('/').includes('..')) {
    throw new BuiltinError(`Cannot extract '${name}': it contains '..'`);
  }
  return name.replace(/^\/+/, '');
}

function extractFile(
  name: string,
  { size, modified }: TarEntry,
  input: InputBlocks,
  { touch }: TarExtractOptions,
  context: BuiltinContext,
): void {
  const { files, io } = context;
  replace(name, context);
  const handle = files.openToWrite(name);
  try {
    input.pass(size, (part) => io.writeFile(handle, name, part));
    input.pass(padding(size), () => {});
  } finally {
    io.close(handle);
  }
  if (!touch) files.setModified(name, BigInt(modified) * 1_000_000_000n);
}

/** Takes away what is in the way, so that a symbolic link is not written through. */
function replace(name: string, { files }: BuiltinContext): void {
  const existing = files.find(name, false);
  if (existing !== undefined && existing.type !== fileType.directory) files.remove(name, 'file');
}
