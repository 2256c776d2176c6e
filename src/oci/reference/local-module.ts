import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { OciError } from '../errors.ts';

/**
 * The absolute path that a local module's name means: `file:///path/app.wasm`, or `fs//path/app.wasm`.
 * `undefined` for anything else, which is a reference to an image.
 *
 * @throws OciError `InvalidReference` for a local name whose path is not absolute.
 */
export function localModulePath(name: string): string | undefined {
  if (name.startsWith('file:')) return pathOfUrl(name);
  if (name.startsWith('fs//')) return absolute(name, name.slice('fs/'.length));
  return undefined;
}

function pathOfUrl(name: string): string {
  try {
    if (/^file:\/(?:\/\/|[^/])/.test(name)) return absolute(name, fileURLToPath(name));
  } catch (cause) {
    throw new OciError('InvalidReference', `parse local module '${name}'`, { cause });
  }
  throw notAbsolute(name);
}

function absolute(name: string, file: string): string {
  if (!path.isAbsolute(file)) throw notAbsolute(name);
  return path.normalize(file);
}

function notAbsolute(name: string): OciError {
  return new OciError(
    'InvalidReference',
    `parse local module '${name}': give an absolute path, such as file:///srv/app.wasm`,
  );
}
