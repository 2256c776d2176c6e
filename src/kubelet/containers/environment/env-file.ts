import { readFile, realpath } from 'node:fs/promises';
import path from 'node:path';
import { parseEnv } from 'node:util';
import { ConfigError } from '../config-error.ts';

/** The file, and the key in it, that a `fileKeyRef` names. */
export interface FileKey {
  readonly volumeName: string;
  readonly path: string;
  readonly key: string;
  readonly optional: boolean;
}

/**
 * Reads one variable of a `KEY=value` file that an init container left in a volume.
 *
 * @param volumes directory of each volume, by name
 * @throws {ConfigError} where volume, file or key is missing and not optional
 */
export async function readEnvFile(
  volumes: ReadonlyMap<string, string>,
  { volumeName, path: file, key, optional }: FileKey,
): Promise<string | undefined> {
  const directory = volumes.get(volumeName);
  if (directory === undefined) {
    throw new ConfigError(`cannot find the volume "${volumeName}" referenced by FileKeyRef`);
  }
  const value = parseEnv((await readInside(directory, file)) ?? '')[key];
  if (value === undefined && !optional) {
    throw new ConfigError(`environment variable key "${key}" not found in file "${file}"`);
  }
  return value;
}

/** The file's text, where it is a file inside the directory once symbolic links are followed. */
async function readInside(directory: string, file: string): Promise<string | undefined> {
  try {
    const root = await realpath(directory);
    const target = await realpath(path.join(root, file));
    if (!target.startsWith(root + path.sep)) return undefined;
    return await readFile(target, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new ConfigError(`couldn't read env file "${file}"`, { cause: error });
  }
}
