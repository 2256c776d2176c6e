import type { FileHandle } from 'node:fs/promises';
import { parseEnv } from 'node:util';
import { openFileBeneath } from '../../volumes/open-file-beneath.ts';
import { VolumeError } from '../../volumes/volume-error.ts';
import { ConfigError } from '../config-error.ts';

/** The file, and the key in it, that a `fileKeyRef` names. */
export interface FileKey {
  readonly volumeName: string;
  readonly path: string;
  readonly key: string;
  readonly optional: boolean;
}

type Values = Readonly<Record<string, string | undefined>>;

/**
 * What stock kubelets allow, in bytes.
 *
 * @see https://github.com/kubernetes/enhancements/tree/master/keps/sig-node/3721-support-for-env-files
 */
const limits = { file: 65_536, key: 128, value: 32_768 };

/**
 * Reads the `KEY=value` files that init containers left in volumes for one container start, each
 * at most once. Containers may write to them meanwhile.
 */
export class EnvFiles {
  readonly #volumes: ReadonlyMap<string, string>;
  readonly #read = new Map<string, Promise<Values | undefined>>();

  /** @param volumes directory of each volume, by name */
  constructor(volumes: ReadonlyMap<string, string>) {
    this.#volumes = volumes;
  }

  /**
   * One value; `undefined` where file or key is missing and may be.
   *
   * @throws {ConfigError} where volume, file or key is missing and not optional, or one is too long
   */
  async value({ volumeName, path, key, optional }: FileKey): Promise<string | undefined> {
    if (Buffer.byteLength(key) > limits.key) throw tooLong(`key "${key}"`, limits.key);
    const value = (await this.#values(volumeName, path))?.[key];
    if (value === undefined && !optional) {
      throw new ConfigError(`environment variable key "${key}" not found in file "${path}"`);
    }
    if (Buffer.byteLength(value ?? '') <= limits.value) return value;
    throw tooLong(`value of "${key}" in file "${path}"`, limits.value);
  }

  #values(volumeName: string, path: string): Promise<Values | undefined> {
    const directory = this.#volumes.get(volumeName);
    if (directory === undefined) {
      throw new ConfigError(`cannot find the volume "${volumeName}" referenced by FileKeyRef`);
    }
    const id = `${volumeName}/${path}`;
    const reading = this.#read.get(id) ?? readValues(directory, path);
    this.#read.set(id, reading);
    return reading;
  }
}

/** `undefined` where there is no such file in the volume. */
async function readValues(directory: string, path: string): Promise<Values | undefined> {
  try {
    await using file = await openFileBeneath(directory, path);
    return parseEnv(await readText(file, path));
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    if (isMissing(error)) return undefined;
    throw new ConfigError(`couldn't read env file "${path}"`, { cause: error });
  }
}

/** Reads no more than is allowed, whatever size the file has by then. */
async function readText(file: FileHandle, path: string): Promise<string> {
  const bytes = Buffer.alloc(limits.file + 1);
  let length = 0;
  for (let bytesRead = -1; bytesRead !== 0 && length < bytes.length; length += bytesRead) {
    ({ bytesRead } = await file.read(bytes, length, bytes.length - length, length));
  }
  if (length > limits.file) throw tooLong(`env file "${path}"`, limits.file);
  return bytes.toString('utf8', 0, length);
}

function isMissing(error: unknown): boolean {
  const cause = error instanceof VolumeError ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
}

function tooLong(what: string, most: number): ConfigError {
  return new ConfigError(`${what} has more than ${most} bytes`);
}
