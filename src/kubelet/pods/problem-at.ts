import type { ManifestProblem } from './manifest-error.ts';

/** A list of one problem, or none where there is no message. */
export function problemAt(path: string, message: string | undefined): readonly ManifestProblem[] {
  return message === undefined ? [] : [{ path, message }];
}
