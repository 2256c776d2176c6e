import { readFileSync } from 'node:fs';
import { hasErrorCode } from '../../runtime/errors.ts';
import { UserError } from '../cli/user-error.ts';

export interface EnvironmentVariable {
  readonly name: string;
  readonly value: string;
}

/**
 * Reads one `--env`: `NAME=value`, or `NAME` for the value it has in krustlet's own environment,
 * which gives nothing where it has none, as docker does it.
 */
export function parseEnv(
  text: string,
  outer: Readonly<Record<string, string | undefined>>,
): EnvironmentVariable | undefined {
  const equals = text.indexOf('=');
  const name = equals < 0 ? text : text.slice(0, equals);
  if (name === '') throw new UserError(`reading --env '${text}' failed: give NAME=value`);
  const value = equals < 0 ? outer[name] : text.slice(equals + 1);
  return value === undefined ? undefined : { name, value };
}

/** Reads a file of lines as `--env` has them; empty lines and lines that begin with # are skipped. */
export function readEnvFile(
  file: string,
  outer: Readonly<Record<string, string | undefined>>,
): EnvironmentVariable[] {
  return readText(file)
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .flatMap((line) => parseEnv(line, outer) ?? []);
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const message = `reading --env-file '${file}' failed`;
    if (hasErrorCode(cause, 'ENOENT')) throw new UserError(`${message}: there is no such file`);
    throw new UserError(message, { cause });
  }
}
