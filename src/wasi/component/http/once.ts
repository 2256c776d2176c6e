import { error, ok, type Result } from '../abi/variants.ts';

/** A success with what a message gives out once, or a failure the second time. */
export function once<T>(value: T | undefined): Result<T, undefined> {
  return value === undefined ? error(undefined) : ok(value);
}
