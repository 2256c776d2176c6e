import { readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { hasErrorCode } from '../errors.ts';

/** Reads a cgroup's file that holds one number; `max` is infinity. */
export function readNumber(directory: string, file: string): number {
  const text = readFileSync(path.join(directory, file), 'utf8').trim();
  return text === 'max' ? Number.POSITIVE_INFINITY : Number(text);
}

/** Reads one value of a cgroup's file of `key value` lines; 0 where it is absent. */
export function readKey(directory: string, file: string, key: string): bigint {
  const text = readFileSync(path.join(directory, file), 'utf8');
  const line = text.split('\n').find((candidate) => candidate.startsWith(`${key} `));
  return BigInt(line?.slice(key.length + 1) ?? 0);
}

/** Writes a cgroup's setting. */
export function writeSetting(directory: string, file: string, value: string | number): void {
  writeFileSync(path.join(directory, file), String(value));
}

/** Removes an empty cgroup; one that is gone already is no error. */
export function removeCgroup(directory: string): void {
  try {
    rmdirSync(directory);
  } catch (error) {
    if (!hasErrorCode(error, 'ENOENT')) throw error;
  }
}
