import { errno, errnoOf } from '../errno.ts';

/** Runs a call of `node:fs`. @returns an error number */
export function attempt(action: () => void): number {
  try {
    action();
    return errno.success;
  } catch (error) {
    return errnoOfThrown(error);
  }
}

/** Runs a call of `node:fs` that has a number as its result. @returns it or a negated error number */
export function attemptNumber(action: () => number): number {
  try {
    return action();
  } catch (error) {
    return -errnoOfThrown(error);
  }
}

/** The error number of what `node:fs` throws; what else is thrown goes on. */
export function errnoOfThrown(error: unknown): number {
  if (error instanceof Error && 'code' in error) return errnoOf(String(error.code));
  throw error;
}
