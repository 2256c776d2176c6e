import type { Stats } from 'node:fs';
import { chmod, mkdir, open, stat } from 'node:fs/promises';
import path from 'node:path';
import type { HostPathSource } from '../pods/schema/volume.ts';
import type { MountedVolume } from './mounted-volume.ts';
import { VolumeError } from './volume-error.ts';

/**
 * Checks a hostPath volume, and makes it where its type says so.
 *
 * @throws {VolumeError} where the path is missing or of another type
 */
export async function mountHostPath(source: HostPathSource): Promise<MountedVolume> {
  const hostPath = path.resolve('/', source.path);
  if (source.type === 'DirectoryOrCreate') await makeDirectory(hostPath);
  if (source.type === 'FileOrCreate') await makeFile(hostPath);
  const found = await stat(hostPath).catch(() => undefined);
  if (found === undefined) throw mismatch(hostPath, source.type, 'it does not exist');
  if (!isOfType(found, source.type)) {
    throw mismatch(hostPath, source.type, `it is not a ${wordOf(source.type)}`);
  }
  return { path: hostPath, readOnly: false };
}

/** With its parents. Node's own recursion never ends where no folder can be made, as in /proc. */
async function makeDirectory(directory: string): Promise<void> {
  const parent = path.dirname(directory);
  if (await isThere(directory)) return;
  if (!(await isThere(parent))) await makeDirectory(parent);
  try {
    await mkdir(directory);
    await chmod(directory, 0o755);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return;
    throw new VolumeError(`hostPath "${directory}" cannot be made in "${parent}"`, {
      cause: error,
    });
  }
}

async function isThere(file: string): Promise<boolean> {
  return await stat(file).then(
    () => true,
    () => false,
  );
}

/** Unlike the directory form, this one does not make parents. */
async function makeFile(file: string): Promise<void> {
  try {
    await using created = await open(file, 'wx', 0o644);
    await created.chmod(0o644);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return;
    throw new VolumeError(`hostPath "${file}" cannot be made: create its directory first`, {
      cause: error,
    });
  }
}

function isOfType(found: Stats, type: HostPathSource['type']): boolean {
  switch (type) {
    case '':
      return found.isDirectory() || found.isFile();
    case 'Directory':
    case 'DirectoryOrCreate':
      return found.isDirectory();
    case 'File':
    case 'FileOrCreate':
      return found.isFile();
    case 'Socket':
      return found.isSocket();
    case 'CharDevice':
      return found.isCharacterDevice();
    case 'BlockDevice':
      return found.isBlockDevice();
    default:
      return type satisfies never;
  }
}

function mismatch(hostPath: string, type: string, why: string): VolumeError {
  const check = type === '' ? 'hostPath volume' : 'hostPath type check failed';
  return new VolumeError(`${check}: ${hostPath} cannot be mounted: ${why}`);
}

function wordOf(type: HostPathSource['type']): string {
  const words: Readonly<Record<string, string>> = {
    '': 'directory or file',
    Socket: 'socket file',
    CharDevice: 'character device',
    BlockDevice: 'block device',
  };
  return words[type] ?? type.replace('OrCreate', '').toLowerCase();
}
